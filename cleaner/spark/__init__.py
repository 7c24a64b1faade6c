"""The same kernel on Spark. PySpark is imported in this package alone, and only when it is asked for."""
