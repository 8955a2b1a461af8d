"""Random tiny models with a byte tokenizer, made in a second: a mixture of experts shaped like GPT-OSS, and a Llama."""

from __future__ import annotations

from pathlib import Path

SPECIAL = (
    "<|endoftext|>",
    "<|start|>",
    "<|end|>",
    "<|message|>",
    "<|channel|>",
    "<|constrain|>",
    "<|return|>",
    "<|call|>",
)

TEMPLATE = """\
{%- if tools %}{{ '<|start|>developer<|message|>' + tools | tojson + '<|end|>' }}{% endif -%}
{%- for m in messages -%}
{%- if m.role == 'assistant' -%}
<|start|>assistant{% generation %}
{%- if m.tool_calls -%}
{%- set call = m.tool_calls[0].function -%}
{{ ' to=functions.' + call.name + '<|channel|>commentary json<|message|>' + call.arguments | tojson + '<|call|>' }}
{%- else -%}
{{ '<|channel|>final<|message|>' + m.content + '<|return|>' }}
{%- endif -%}
{% endgeneration %}
{%- else -%}
{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}<|start|>assistant{% endif -%}
"""


def tokenizer():
    """Bytes, and the Harmony markers."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {character: i for i, character in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.add_special_tokens(list(SPECIAL))
    made = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|return|>", pad_token="<|endoftext|>")
    made.chat_template = TEMPLATE
    return made


def save_model(folder: Path, kind: str = "gpt_oss", seed: int = 0) -> Path:
    """Write a random model of the kind (gpt_oss or llama) with its tokenizer."""
    import torch
    from transformers import GptOssConfig, GptOssForCausalLM, LlamaConfig, LlamaForCausalLM

    made = tokenizer()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    common = {
        "vocab_size": len(made),
        "hidden_size": 32,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "max_position_embeddings": 2048,
        "pad_token_id": made.pad_token_id,
        "eos_token_id": made.eos_token_id,
        "initializer_range": 0.1,
    }
    if kind == "gpt_oss":
        config = GptOssConfig(**common, num_local_experts=4, num_experts_per_tok=2, sliding_window=16)
        config._attn_implementation = "eager"
        model = GptOssForCausalLM(config)
    else:
        model = LlamaForCausalLM(LlamaConfig(**common))
    model.save_pretrained(str(folder))
    made.save_pretrained(str(folder))
    return folder
