"""Quantises a GGUF model by llama.cpp's own rules, for types that cromwell reads but does not write.

usage: quantize.py SOURCE.gguf OUTPUT.gguf TYPE, TYPE as in llama_cpp.LLAMA_FTYPE_MOSTLY_*, Q4_K_M for instance.
"""

import ctypes
import sys

import llama_cpp as llama

source, output, name = sys.argv[1:]
quiet = llama.llama_log_callback(lambda level, text, data: None)
llama.llama_log_set(quiet, ctypes.c_void_p(0))
settings = llama.llama_model_quantize_default_params()
settings.ftype = getattr(llama, f"LLAMA_FTYPE_MOSTLY_{name}")
settings.allow_requantize = True
if llama.llama_model_quantize(source.encode(), output.encode(), ctypes.byref(settings)) != 0:
    raise SystemExit(f"cannot quantise {source}")
