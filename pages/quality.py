"""Step 2: bad values, distributions, time, correlations, relations, what can be forecast, and the data themselves."""

import streamlit as st

from pages.parts.frame import frame, sealed_era
from pages.parts.quality import (
    bad_values,
    correlations,
    distributions,
    forecastability,
    one_series,
    over_time,
    relations,
    rows,
)
from pages.parts.upload import describe_data
from pages.parts.widgets import placing, sparklines

VIEWS = {
    "Bad values": bad_values,
    "Distributions": distributions,
    "Over time": over_time,
    "Correlations": correlations,
    "Relations": relations,
    "Forecastability": forecastability,
    "Data": rows,
}

context = frame.open_step("quality")
data, quality = context.dataset, context.quality

placing.summarise(describe_data.quality_sentence(quality))
# Few, to keep the choice of a view in sight.
frame.show_findings(context, describe_data.merge_findings(data, quality), most_open=3)

opened = "Bad values" if describe_data.needs_attention(data, quality) else "Forecastability"
with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
    view = st.segmented_control("View", list(VIEWS), default=opened, required=True, key="view")
    series = one_series.choose(context)
    sealed_era.show_switch(context)
VIEWS[view].show(one_series.narrow(context, series))
with st.expander("Statistics of all columns"):
    shares = {
        heading: st.column_config.NumberColumn(format="percent", help=meaning)
        for heading, (_, meaning) in describe_data.SHARES.items()
    }
    measures = {
        heading: st.column_config.NumberColumn(
            format="%g" if heading in describe_data.VALUES else "%.4g", width=92, help=meaning
        )
        for heading, (_, meaning) in describe_data.MEASURES.items()
    }
    table = sparklines.add(context, describe_data.summary_table(quality))
    placing.table(table, "profile", {**sparklines.CONFIG, **shares, **measures})
frame.link_next_step("quality")
