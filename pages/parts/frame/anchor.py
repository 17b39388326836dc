"""The anchor of every page's heading, which the skip link leads to."""

PAGE_ANCHOR = "page"
