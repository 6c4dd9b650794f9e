/// The style of a ``Report``'s page.
let reportStyle = """
  :root{\(colourVariables.light)}
  @media (prefers-color-scheme:dark){:root{\(colourVariables.dark)}}
  *{box-sizing:border-box}
  html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
  body{margin:0;background:var(--ground);color:var(--ink);
  font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
  main{max-width:1060px;margin:0 auto;padding:2.5rem 1.25rem 4rem}
  .top h1{font-size:2.1rem;line-height:1.15;letter-spacing:-.02em;margin:0}
  .top p{color:var(--soft);font-size:1.1rem;margin:.4rem 0 0}
  nav{display:flex;flex-wrap:wrap;gap:.4rem;margin:1.4rem 0 0}
  nav a{color:var(--ink);background:var(--paper);border:1px solid var(--faint);border-radius:99px;
  padding:.2rem .85rem;text-decoration:none;font-size:.9rem}
  nav a:hover,nav a:focus-visible{border-color:var(--c0)}
  h2{font-size:1.4rem;letter-spacing:-.01em;margin:2.6rem 0 .6rem;scroll-margin-top:1rem}
  h3{font-size:1.1rem;margin:1.8rem 0 .4rem}
  h4{font-size:1rem;margin:1.4rem 0 .3rem;color:var(--soft)}
  p{max-width:46rem;margin:.6rem 0}
  .note{background:var(--paper);border:1px solid var(--faint);border-left:4px solid var(--c0);
  border-radius:8px;padding:.7rem 1rem}
  .note.caution{border-left-color:var(--c1)}
  .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(14rem,100%),1fr));gap:.8rem;
  margin:1.6rem 0}
  .facts div{background:var(--paper);border:1px solid var(--faint);border-radius:12px;padding:.9rem 1.1rem}
  .facts dt{color:var(--soft);font-size:.88rem}
  .facts dd{margin:.15rem 0 0;font-size:1.6rem;font-weight:650;line-height:1.25;
  font-variant-numeric:tabular-nums;letter-spacing:-.01em}
  .facts small{font-size:.88rem;font-weight:400;color:var(--soft);letter-spacing:0;white-space:nowrap}
  .table{overflow-x:auto;background:var(--paper);border:1px solid var(--faint);border-radius:12px;
  margin:1rem 0}
  table{border-collapse:collapse;width:100%;font-size:.94rem}
  caption{text-align:left;color:var(--soft);padding:.7rem 1rem 0;font-size:.9rem}
  th,td{padding:.55rem 1rem;text-align:left;border-bottom:1px solid var(--faint);vertical-align:top}
  thead th{color:var(--soft);font-size:.82rem;font-weight:600;white-space:nowrap}
  tbody th{font-weight:600}
  tbody tr:last-child>*{border-bottom:0}
  .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
  .estimate small{color:var(--soft)}
  figure{margin:1.2rem 0}
  .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(25rem,100%),1fr));gap:.8rem}
  .single .plots{max-width:620px}
  .plots .plot{width:100%;height:auto;background:var(--paper);border:1px solid var(--faint);
  border-radius:12px}
  .plot.mini{display:block;width:9rem;height:.7rem;margin:.2rem 0 0 auto;overflow:visible}
  figcaption{color:var(--soft);font-size:.9rem;margin:.5rem .2rem}
  .sample{background:var(--paper);border:1px solid var(--faint);border-radius:12px;margin:1rem 0;
  overflow:hidden}
  .prompt{padding:.8rem 1.1rem;color:var(--soft);border-bottom:1px solid var(--faint);font-size:.94rem;
  max-height:16rem;overflow-y:auto}
  .answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(15rem,100%),1fr));gap:1px;
  background:var(--faint)}
  .answers article{background:var(--paper);padding:.8rem 1.1rem}
  .answers header{display:flex;justify-content:space-between;gap:.6rem;font-size:.86rem;
  margin-bottom:.25rem}
  .answers header span{color:var(--soft);font-variant-numeric:tabular-nums}
  .prompt,.answer{white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate}
  .code{background:var(--paper);border:1px solid var(--faint);border-radius:10px;padding:.8rem 1rem;
  overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace}
  \(plotStyle)
  @media (max-width:640px){main{padding:1.4rem .8rem 3rem}.top h1{font-size:1.6rem}
  .facts{grid-template-columns:repeat(auto-fit,minmax(min(9.5rem,100%),1fr));gap:.5rem}
  .facts div{padding:.7rem .8rem}.facts dd{font-size:1.3rem}.facts small{display:block}
  th,td{padding:.5rem .7rem}h2{margin-top:2rem}}
  @media print{body{background:#fff}nav{display:none}.sample,figure,.table{break-inside:avoid}}
  """
