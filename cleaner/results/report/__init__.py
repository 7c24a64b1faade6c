"""The page `report.html` of a run: figures and samples, made from the output folder alone."""
