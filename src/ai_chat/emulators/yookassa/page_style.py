"""The look of the payment page: one sheet, no images, no scripts but the one that fills in a test card."""

STYLE = """
:root{color-scheme:light;--ink:#1d1d24;--soft:#6b6f7b;--line:#e3e5ea;--brand:#0070f0;--bad:#c62828;--good:#1b7f4b}
*{box-sizing:border-box}
body{margin:0;background:#f2f4f7;color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:460px;margin:32px auto;padding:0 16px 48px}
header{display:flex;justify-content:space-between;align-items:baseline;margin-bottom:16px}
.logo{font-weight:700;letter-spacing:-.02em}.logo b{color:var(--brand)}
.badge{font-size:12px;color:#7a5200;background:#ffedc2;border-radius:99px;padding:2px 10px}
.sheet{background:#fff;border-radius:20px;padding:24px;box-shadow:0 8px 30px rgba(20,30,60,.07)}
h1{font-size:32px;line-height:1.15;margin:0;letter-spacing:-.02em}h2{font-size:20px;margin:0 0 8px}
.what{color:var(--soft);margin:4px 0 20px;overflow-wrap:anywhere}
details{border:1px solid var(--line);border-radius:14px;margin-top:10px}
details[open]{border-color:var(--brand)}
summary{padding:14px 16px;cursor:pointer;font-weight:600;list-style-position:inside}
details>form{padding:0 16px 16px}
label{display:block;font-size:13px;color:var(--soft);margin-top:12px}
input[type=text],select{width:100%;margin-top:4px;padding:11px 12px;font:inherit;color:var(--ink);
background:#f7f8fa;border:1px solid var(--line);border-radius:10px}
input:focus-visible,select:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{
outline:3px solid rgba(0,112,240,.35);outline-offset:1px}
.row{display:grid;grid-template-columns:1fr 1fr;gap:12px}
.check{display:flex;gap:10px;align-items:flex-start;font-size:14px;color:var(--ink)}
.check input{margin:3px 0 0;width:18px;height:18px}
button{width:100%;margin-top:16px;padding:14px;border:0;border-radius:12px;font:inherit;font-weight:600;cursor:pointer}
.main{background:var(--brand);color:#fff}.main:hover{background:#005fcc}
.quiet{background:none;color:var(--soft);margin-top:6px;padding:10px;font-weight:400}.quiet:hover{color:var(--bad)}
.error{background:#fdecea;color:var(--bad);border-radius:12px;padding:12px 14px;margin:0 0 14px}
.cards{margin-top:16px;font-size:13px;color:var(--soft)}.cards summary{padding:10px 14px;font-weight:400}
.cards ul{list-style:none;margin:0;padding:0 14px 12px;display:grid;gap:4px}
.cards button{all:unset;cursor:pointer;font-variant-numeric:tabular-nums;color:var(--brand)}
.cards li{display:flex;justify-content:space-between;gap:12px}
.mark{width:56px;height:56px;border-radius:50%;display:grid;place-items:center;font-size:28px;color:#fff;margin-bottom:14px}
.ok{background:var(--good)}.no{background:var(--bad)}
a.back{display:block;text-align:center;margin-top:18px;color:var(--soft)}
.qr{display:block;margin:12px auto;width:148px;height:148px;border-radius:12px}
.foot{text-align:center;color:var(--soft);font-size:13px;margin-top:18px}
"""
SCRIPT = """
document.querySelectorAll('[data-card]').forEach(b=>b.addEventListener('click',()=>{
const f=document.querySelector('#card-form');f.number.value=b.dataset.card;
if(!f.expiry.value)f.expiry.value='12/40';if(!f.csc.value)f.csc.value='123';
document.querySelector('#method-bank_card').open=true;f.number.focus();}));
"""
