"""Makes a small sentence-transformers model of random weights: `python -m tests.knowledge_base.small_model FOLDER
DIMENSIONS LANGUAGE…`. Run as a child, because torch does not belong into the tests' own process.
"""

import string
import sys
from pathlib import Path
from typing import Any


def make(folder: Path, dimensions: int, languages: list[str]) -> None:
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    letters = [*string.ascii_lowercase, *"абвгдежзийклмнопрстуфхцчшщъыьэюяіїєґ", *string.digits, *"?.,:!"]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    raw = folder.parent / f"{folder.name}-raw"
    special: dict[str, Any] = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special).save_pretrained(raw)
    sizes = {"hidden_size": dimensions, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(pieces), max_position_embeddings=64, **sizes)).save_pretrained(raw)
    words = Transformer(str(raw), max_seq_length=64)
    SentenceTransformer(modules=[words, Pooling(dimensions)], device="cpu").save(str(folder))
    card = f"---\nlanguage: [{', '.join(languages)}]\n---\n# Small\n" if languages else "# Small\n"
    (folder / "README.md").write_text(card, encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
