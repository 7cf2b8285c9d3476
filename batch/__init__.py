"""Archives of millions of pictures, on several processes or machines: the device's code over Dask.

A source becomes a manifest of its pictures, cut into shards; a shard is one task, and one Parquet
file of the results. Only the client writes results, so that no worker can leave half a file, nor
one twice.
"""
