"""Plotly figures of leverkit's results, all with the same look.

Results draw themselves: ``scores.plot("heatmap")``. The modules here hold the figures, one module per topic; `theme` holds the look they share. Plotly is an optional extra: it is imported when the first figure is drawn.
"""
