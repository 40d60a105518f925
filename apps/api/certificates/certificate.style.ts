/** For a screen and, above all, for A4 paper in black and white. */
export const CERTIFICATE_STYLE = `:root{--text:#16191d;--soft:#50575f;--line:#c4cad1;--head:#f1f3f5}
*{box-sizing:border-box}
body{margin:0 auto;max-width:60rem;padding:2rem 1.5rem;background:#fff;color:var(--text);font:0.95rem/1.5 system-ui,sans-serif}
h1{margin:0;font-size:1.7rem}
h2{margin:2rem 0 .6rem;padding-bottom:.25rem;border-bottom:2px solid var(--text);font-size:1.15rem;break-after:avoid}
h3{margin:0;font-size:1rem}
p{margin:.3rem 0}
.soft{color:var(--soft)}
.mark{display:inline-block;padding:.1rem .6rem;border:1.5px solid var(--text);border-radius:.3rem;font-weight:600;white-space:nowrap}
.problem{border-left:4px solid var(--text);padding-left:.6rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:1rem 0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;margin:.5rem 0;font-size:.87rem}
th,td{padding:.3rem .5rem;border:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:var(--head);overflow-wrap:normal;white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
.time,.name{white-space:nowrap}
code{font:.85em ui-monospace,monospace;overflow-wrap:anywhere}
section.step{margin:1rem 0;padding:.8rem 1rem;border:1px solid var(--line);border-radius:.4rem;break-inside:avoid}
section.step header{display:flex;flex-wrap:wrap;gap:.4rem 1rem;justify-content:space-between;align-items:baseline}
@page{size:A4;margin:16mm 14mm}
@media print{body{max-width:none;padding:0;font-size:9.5pt}h2{margin-top:1.2rem}section.step{padding:.5rem .7rem}th{background:none}}
`;
