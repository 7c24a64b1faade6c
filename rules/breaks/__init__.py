"""Line breaks of flow text: a linear model that estimates after which words a line of the page ended."""
