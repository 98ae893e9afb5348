"""Passages in, a searchable index out: the encoder, the database, FAISS and BM25."""

from embeddings.encoder import Encoder
from embeddings.index import Index, Synced

__all__ = ["Encoder", "Index", "Synced"]
