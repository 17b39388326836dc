"""Which features are related to the target, linearly, non-linearly or not at all, and any two columns."""

import streamlit as st

from pages.parts.frame.context import LoadedContext
from pages.parts.quality import describe_relations, pair
from pages.parts.widgets import placing

_ALL = "all"


@st.fragment
def show(context: LoadedContext) -> None:
    """Show how many features are related, list them, and draw the selected one below."""
    quality = context.quality
    if not quality.relations:
        st.info(
            "There is no other numeric column to compare with the target."
            if quality.roles.target
            else "Choose a numeric target in step 1 to see relations with it."
        )
        pair.show(context, None)
        return
    st.markdown(describe_relations.relations_text(quality))
    st.caption(describe_relations.method_text(quality), help=describe_relations.MEASURES_HELP)
    with st.container(horizontal=True):
        _link_page(context, "regression.py", "Linear fit in Regression")
        _link_page(context, "importance.py", "Tree-based ranking in Importance")
    left, right = st.columns([2, 3])
    search = left.text_input("Feature search", key="relations-find", placeholder="Part of a name").strip().casefold()
    labels = {_ALL: _ALL, **describe_relations.CLASSES}
    kind = right.segmented_control(
        "Class", list(labels), default=_ALL, required=True, key="relations-class", format_func=labels.__getitem__
    )
    matching = tuple(r for r in quality.relations if search in r.feature.casefold() and kind in (_ALL, r.kind))
    table = describe_relations.relations_table(matching)
    if table.empty:
        st.info("No matching features.")
        pair.show(context, None)
        return
    numbers = ("Pearson", "q", "next row", "Spearman", "xi", "p")
    widths = {
        "feature": st.column_config.TextColumn(width=130),
        "class": st.column_config.TextColumn(width=85),
        "leads": st.column_config.TextColumn(width=55),
        **{name: st.column_config.NumberColumn(width=68) for name in numbers},
    }
    # A selection is a position in the table: another table must not inherit it.
    key = f"relations-{kind}-{search}"
    row = placing.pick_row(describe_relations.style_relations(table, placing.theme()), key, widths)
    rest = f" Showing the {len(table):,} most significant of {len(matching):,}." if len(table) < len(matching) else ""
    st.caption(f"Select a row to show its feature below.{rest}")
    pair.show(context, table["feature"].iloc[row or 0])


def _link_page(context: LoadedContext, page: str, label: str) -> None:
    st.page_link(page, label=label, icon=":material/arrow_forward:", query_params={"project": context.project.id})
