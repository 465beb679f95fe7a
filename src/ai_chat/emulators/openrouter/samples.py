"""Fixed answers for the eye and for the renderer: Markdown, code, mathematics, tables, scripts of the world, malice."""

from __future__ import annotations

MARKDOWN = """# A heading

Some **bold**, some *italic*, some ~~struck~~ and some `inline code`, with a [link](https://example.com/a?b=c&d=e).

1. First
2. Second
   - nested one
   - nested two
3. Third

> A quotation
> of two lines.

- [x] done
- [ ] to do

---

The end, with a footnote mark[^1] and a hard
line break.

[^1]: The footnote."""

CODE = """Here is a program:

```python
def fibonacci(n: int) -> int:
    \"\"\"The n-th number, slowly.\"\"\"
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print([fibonacci(n) for n in range(10)])
```

And the same in TypeScript:

```ts
const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
console.log(`<b>${fibonacci(9)}</b> & more`);
```

A fence inside a fence:

````markdown
```sh
echo "$HOME" | sed 's/\\//:/g'
```
````"""

LATEX = r"""Inline: $e^{i\pi} + 1 = 0$, and \(a^2 + b^2 = c^2\); a price of $5 is not mathematics, nor is $10.

$$
\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}
$$

\[
\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
\begin{pmatrix} x \\ y \end{pmatrix} = \begin{pmatrix} 5 \\ 6 \end{pmatrix}
\]"""

TABLE = """| Planet | Radius, km | Moons |
|:-------|-----------:|:-----:|
| Earth | 6371 | 1 |
| Mars | 3390 | 2 |
| Jupiter | 69911 | 95 |
| A \\| pipe | `a|b` | **0** |"""

EMOJI = (
    "Plain 😀, a family 👨‍👩‍👧‍👦, a flag 🇷🇺 🏴󠁧󠁢󠁳󠁣󠁴󠁿, skin 👍🏽, heart ❤️, keycap 1️⃣.\n"
    "Combining: e\u0301 a\u0308 й и\u0306; Zalgo: Z\u0351\u036b\u0343a\u0346\u030a.\n"
    "Right to left: שלום עולם, مرحبا بالعالم, mixed (\u202bעברית\u202c) and 123.\n"
    "Wide: 漢字かな交じり文, 한국어, ไทย, हिन्दी; astral: 𝕏 𠜎; zero width: a\u200bb\u200dc; "
    "NUL-like: \u2400; line\u2028sep\u2029end."
)

RUSSIAN = """## Коротко о главном

Съешь же ещё этих мягких французских булок, да выпей чаю. **Ёлка**, *подъезд*, «кавычки-„лапки“» — и тире.

1. Первый пункт
2. Второй пункт

```python
print("Привет, мир!")
```

Итог: всё работает."""

HOSTILE = """<script>alert(1)</script>
<img src=x onerror="alert(2)"> <svg/onload=alert(3)> <iframe src="javascript:alert(4)"></iframe>

[click](javascript:alert(5)) [click](java&#x0A;script:alert(6)) ![pixel](https://tracker.example/p.gif?q=secret)

```html
</code></pre><script>alert(7)</script>
```

<a href="https://example.com" onmouseover="alert(8)">hover</a> <style>body{display:none}</style>

$\\href{javascript:alert(9)}{x}$ <details open ontoggle=alert(10)>"""

JSON_ANSWER = '{"answer":"This is the local emulator.","items":[1,2,3],"ok":true}'
