"""What relates to the target: in a straight line, otherwise, or not at all; and any two columns side by side."""

import streamlit as st

from pages.parts.frame.context import PageContext
from pages.parts.quality import describe_relations, pair
from pages.parts.widgets import placing

_EVERY = "all"


@st.fragment
def show(context: PageContext) -> None:
    """Say how many features relate, list them, and draw the chosen one below."""
    quality = context.quality
    if not quality.relations:
        alone = "No other column of numbers is there to be judged against the target."
        st.info(
            alone
            if quality.roles.target
            else "Choose a target that holds numbers in step 1; relations are judged against it."
        )
        pair.show(context, None)
        return
    st.markdown(describe_relations.summary(quality))
    st.caption(describe_relations.how_judged(quality), help=describe_relations.MEASURES_HELP)
    with st.container(horizontal=True):
        _link(context, "regression.py", "See what is linear in Regression")
        _link(context, "importance.py", "See what trees find in Importance")
    find, kind = st.columns([2, 3])
    sought = find.text_input("Find a feature", key="relations-find", placeholder="part of a name").strip().casefold()
    words = {_EVERY: _EVERY, **describe_relations.WORDS}
    chosen = kind.segmented_control(
        "Class", list(words), default=_EVERY, required=True, key="relations-class", format_func=words.__getitem__
    )
    fitting = tuple(r for r in quality.relations if sought in r.feature.casefold() and chosen in (_EVERY, r.kind))
    listed = describe_relations.table(fitting)
    if listed.empty:
        st.info("No feature is of this name and class.")
        pair.show(context, None)
        return
    # A selection is a place in the table: another table must not inherit it.
    key = f"relations-{chosen}-{sought}"
    widths = {
        "feature": st.column_config.TextColumn(width=130),
        "class": st.column_config.TextColumn(width=85),
        "leads": st.column_config.TextColumn(width=55),
        **{
            name: st.column_config.NumberColumn(width=68)
            for name in ("Pearson", "q", "next row", "Spearman", "xi", "p")
        },
    }
    place = placing.pick_row(describe_relations.style(listed, placing.theme()), key, len(listed), **widths)
    rest = f" Of {len(fitting):,} features the {len(listed):,} surest are listed." if len(listed) < len(fitting) else ""
    st.caption(f"Choose a row to see its feature below.{rest}")
    pair.show(context, listed["feature"].iloc[place or 0])


def _link(context: PageContext, page: str, label: str) -> None:
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params={"project": context.project.id})
