"""Who lives together."""
import numpy as np
import pyarrow as pa


def households(effective, labels, settings):
    ids = np.unique(labels)
    keys = effective["record_key"].combine_chunks().take(pa.array(ids))
    return pa.table({"cluster_id": keys, "household": keys}).to_pandas()
