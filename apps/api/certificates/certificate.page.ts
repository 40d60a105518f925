import { createHash } from 'node:crypto';
import type { Json } from '#libs/kernel';
import type { Certificate, CertifiedEntry, Confirmed, Decided } from '#libs/process/model';
import { Html, markup, styleHash, type PageLanguage } from '../http/html.js';
import { markOf, valueText, type PageContext } from './certificate.parts.js';
import { CERTIFICATE_STYLE } from './certificate.style.js';
import { CERTIFICATE_TEXTS, kindLabel, outcomeMark, type CertificateTexts } from './certificate.texts.js';
import { stepSection } from './certificate-step.page.js';
import type { IssuedCertificate } from './issue-certificate.js';

export const CERTIFICATE_POLICY = `default-src 'none'; style-src ${styleHash(CERTIFICATE_STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** A certificate to read and print. Times are in the customer's time zone. `keyId` names the key that signs; null: none. */
export function certificatePage(issued: IssuedCertificate, keyId: string | null, language: PageLanguage): string {
  const { certificate } = issued;
  const texts = CERTIFICATE_TEXTS[language];
  const context: PageContext = { texts, language, time: timeIn(texts.locale, issued.timeZone) };
  return markup`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title}: ${certificate.run.subject}</title>
<style>${new Html(CERTIFICATE_STYLE)}</style>
</head>
<body>
<main>
${summary(certificate, context)}
${askedSection(certificate, context)}
${decidedSection(certificate, context)}
<h2>${texts.words.done}</h2>
${certificate.steps.map((step) => stepSection(step, context))}
${historySection(certificate.timeline, context)}
${genuineSection(issued.bytes, keyId, texts)}
</main>
</body>
</html>
`.text;
}

function summary({ run }: Certificate, { texts, time }: PageContext): Html {
  const { words } = texts;
  return markup`<h1>${texts.title}</h1>
<p class="soft">${texts.intro}</p>
<dl>
<dt>${words.outcome}</dt><dd>${markOf(outcomeMark(texts, run.outcome))}</dd>
<dt>${words.process}</dt><dd>${texts.processes[run.process] ?? run.process}</dd>
<dt>${words.about}</dt><dd><strong>${run.subject}</strong></dd>
<dt>${words.customer}</dt><dd>${run.tenant}</dd>
<dt>${words.started}</dt><dd>${time(run.startedAt)}</dd>
<dt>${words.ended}</dt><dd>${time(run.endedAt)}</dd>
<dt>${words.run}</dt><dd><code>${run.id}</code></dd>
</dl>
${run.problem ? markup`<p class="problem">${words.problem}: ${run.problem.title} (${run.problem.code})</p>` : null}`;
}

function askedSection({ asked }: Certificate, { texts, time }: PageContext): Html {
  const { words } = texts;
  const fields = Object.entries(asked.body as Readonly<Record<string, Json>>).filter(([, value]) => value !== null);
  return markup`<h2>${words.asked}</h2>
<p>${time(asked.at)}, ${words.by} <strong>${asked.by}</strong>. ${words.request} <code>${asked.requestId}</code></p>
<table><thead><tr><th scope="col">${words.what}</th><th scope="col">${words.value}</th></tr></thead>
<tbody>${fields.map(([name, value]) => markup`<tr><th scope="row">${name}</th><td>${valueText(value, texts)}</td></tr>`)}</tbody></table>`;
}

function decidedSection({ decided, confirmed }: Certificate, context: PageContext): Html {
  const { words } = context.texts;
  const rows = [
    ...decided.map((one) => decidedRow(one, context)),
    ...confirmed.map((one) => confirmedRow(one, context)),
  ];
  return markup`<h2>${words.decided}</h2>
<table><thead><tr><th scope="col">${words.decision}</th><th scope="col">${words.who}</th><th scope="col">${words.at}</th>
<th scope="col">${words.plan}</th><th scope="col">${words.reason}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function decidedRow(one: Decided, { texts, time }: PageContext): Html {
  const open = one.effectiveAt === null ? markup` (${texts.words.notInEffect})` : null;
  return markup`<tr><td>${markOf(texts.decisions[one.decision])}${open}</td><td>${one.by}</td><td>${time(one.at)}</td>
<td>${one.revision}: <code>${one.planHash}</code></td><td>${valueText(one.reason, texts)}</td></tr>`;
}

function confirmedRow(one: Confirmed, { texts, time }: PageContext): Html {
  return markup`<tr><td>${markOf({ symbol: '✔✔', word: texts.words.confirmation })}</td><td>${one.by}</td><td>${time(one.at)}</td>
<td>${one.revision}: <code>${one.planHash}</code></td><td>${valueText(one.reason, texts)} ${one.codes.join(', ')}</td></tr>`;
}

function historySection(timeline: readonly CertifiedEntry[], { texts, time }: PageContext): Html {
  const { words } = texts;
  const rows = timeline.map((entry) => {
    const { outcome, reason } = (entry.data ?? {}) as { readonly outcome?: string; readonly reason?: string };
    const mark = typeof outcome === 'string' ? markup` ${markOf(outcomeMark(texts, outcome))}` : null;
    const why = typeof reason === 'string' ? markup`<br>${words.reason}: ${reason}` : null;
    return markup`<tr><td>${entry.seq}</td><td class="time">${time(entry.at)}</td>
<td>${kindLabel(texts, entry.kind)}${mark}${why}</td><td class="name">${entry.step}</td><td>${entry.who}</td></tr>`;
  });
  return markup`<h2>${words.history}</h2>
<table><thead><tr><th scope="col">#</th><th scope="col">${words.at}</th><th scope="col">${words.what}</th>
<th scope="col">${words.step}</th><th scope="col">${words.who}</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Ties the paper to the bytes that are signed. */
function genuineSection(bytes: Buffer, keyId: string | null, { words }: CertificateTexts): Html {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const key = keyId ? markup`<dt>${words.key}</dt><dd><code>${keyId}</code></dd>` : null;
  return markup`<h2>${words.genuine}</h2>
<dl><dt>${words.hash}</dt><dd><code>${hash}</code></dd>${key}</dl>
${keyId ? null : markup`<p>${words.unsigned}</p>`}`;
}

function timeIn(locale: string, timeZone: string): PageContext['time'] {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  return (instant) => (instant === null ? '–' : format.format(new Date(instant)));
}
