"""Step 2: bad values, distributions, correlations, and what relates to the target."""

import streamlit as st

from pages.parts.frame import frame
from pages.parts.quality import bad_values, correlations, distributions, over_time, relations
from pages.parts.upload import describe_data
from pages.parts.widgets import placing

VIEWS = {
    "Bad values": bad_values,
    "Distributions": distributions,
    "Over time": over_time,
    "Correlations": correlations,
    "Relations": relations,
}

context = frame.open_step("quality")
data, quality = context.dataset, context.quality

placing.answer(describe_data.quality(data, quality))
# Few stand open, so that the choice of a view is in sight.
frame.show_findings(context, describe_data.findings(data, quality), most=3)

view = st.segmented_control("Look at", list(VIEWS), default="Bad values", required=True, key="view")
VIEWS[view].show(context)
with st.expander("All columns in numbers"):
    shares = {
        name: st.column_config.NumberColumn(format="percent", help=meant)
        for name, (_, meant) in describe_data.SHARES.items()
    }
    measures = {
        name: st.column_config.NumberColumn(format="%.4g", width=92, help=meant)
        for name, (_, meant) in describe_data.MEASURES.items()
    }
    placing.table(describe_data.profile(quality), "profile", **shares, **measures)
frame.next_step("quality")
