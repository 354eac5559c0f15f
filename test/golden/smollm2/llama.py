# llama.cpp through llama-cpp-python's low-level interface: the peer that cromwell is measured against,
# and the tokenizer that wrote the ids.

import llama_cpp
import numpy as np

VOCABULARY = 49152


class Llama:
    def __init__(self, path: str, adapter: str | None = None, threads: int = 2):
        llama_cpp.llama_backend_init()
        parameters = llama_cpp.llama_model_default_params()
        self.model = llama_cpp.llama_model_load_from_file(path.encode(), parameters)
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.model)
        context = llama_cpp.llama_context_default_params()
        context.n_ctx = context.n_batch = 2048
        context.n_threads = context.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, context)
        self.settings = (
            f"n_threads={threads}, n_ubatch={context.n_ubatch}, "
            f"flash_attn_type={context.flash_attn_type}, KV cache f16"
        )
        if adapter is not None:
            loaded = llama_cpp.llama_adapter_lora_init(self.model, adapter.encode())
            self.use_adapter(loaded)

    def use_adapter(self, loaded) -> None:
        import ctypes

        adapters = (llama_cpp.llama_adapter_lora_p_ctypes * 1)(loaded)
        scales = (ctypes.c_float * 1)(1.0)
        code = llama_cpp.llama_set_adapters_lora(self.context, adapters, 1, scales)
        assert code == 0, code

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        data = text.encode("utf-8")
        ids = (llama_cpp.llama_token * (len(data) + 8))()
        count = llama_cpp.llama_tokenize(
            self.vocabulary, data, len(data), ids, len(ids), False, special
        )
        assert count >= 0
        return list(ids[:count])

    def text(self, ids: list[int]) -> str:
        """Special tokens as nothing."""
        pieces = b""
        for token in ids:
            buffer = (llama_cpp.ctypes.c_char * 256)()
            count = llama_cpp.llama_token_to_piece(self.vocabulary, token, buffer, 256, 0, False)
            pieces += bytes(buffer[:count])
        return pieces.decode("utf-8")

    def logits(self, ids: list[int]) -> np.ndarray:
        """(T, vocabulary) of one sequence, from an empty cache."""
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(self.context), True)
        batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
        batch.n_tokens = len(ids)
        for index, token in enumerate(ids):
            batch.token[index] = token
            batch.pos[index] = index
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = 0
            batch.logits[index] = 1
        code = llama_cpp.llama_decode(self.context, batch)
        assert code == 0, code
        rows = llama_cpp.llama_get_logits(self.context)
        result = np.ctypeslib.as_array(rows, shape=(len(ids), VOCABULARY)).copy()
        llama_cpp.llama_batch_free(batch)
        return result
