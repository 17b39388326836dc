"""Scripts that print ratios against named rivals; the product is imported first, as in each of its processes."""

import core as core
