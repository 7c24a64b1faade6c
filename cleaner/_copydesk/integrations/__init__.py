"""copydesk as a step of other tools: Scrapy, datatrove, LangChain, LlamaIndex and Haystack.

Each module needs the package that it is named after, and is imported on use: `from copydesk.integrations.scrapy import
CleaningPipeline`. docs/integrations.md has an example of each.
"""
