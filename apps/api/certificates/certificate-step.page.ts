import { blocks } from '#libs/connectors';
import type { Json } from '#libs/kernel';
import type { CertifiedStep, CertifiedValue } from '#libs/process/model';
import { stepTitle } from '#libs/requests';
import { markup, type Html } from '../http/html.js';
import { markOf, valueText, type PageContext } from './certificate.parts.js';
import { outcomeMark } from './certificate.texts.js';

/** One step: what was approved for it, what it found, what was read back, and what proves it. */
export function stepSection(step: CertifiedStep, context: PageContext): Html {
  const { texts, time } = context;
  const { words } = texts;
  const span = step.startedAt ? `${time(step.startedAt)} – ${time(step.endedAt)}` : time(step.endedAt);
  return markup`<section class="step">
<header><h3>${stepTitle(step.title, context.language)}</h3>${markOf(outcomeMark(texts, step.outcome))}</header>
<p class="soft">${blockTitle(step, context)} · ${step.system} · ${span} · ${words.attempts}: ${step.attempts}</p>
${remarks(step, context).map((remark) => markup`<p>${remark}</p>`)}
${step.problem ? markup`<p class="problem">${words.problem}: ${step.problem.title} (${step.problem.code}). ${step.problem.detail}</p>` : null}
${changesTable(step, context)}
${proof(step.evidence, context)}
</section>`;
}

function blockTitle({ block, verb }: CertifiedStep, { language }: PageContext): string {
  const title = blocks.get(block)?.title[language] ?? block;
  return verb === 'undo' ? `↺ ${title}` : title;
}

function remarks(step: CertifiedStep, { texts: { words }, time }: PageContext): string[] {
  const missed = step.deadlineMissedAt ? `✘ ${words.missed}` : `✔ ${words.kept}`;
  return [
    ...(step.accessCritical ? [`◆ ${words.critical}`] : []),
    ...(step.late ? [`⚠ ${words.late}`] : []),
    ...(step.deadline ? [`${words.deadline}: ${time(step.deadline)} (${missed})`] : []),
    ...(step.dueAt ? [`${words.dueBy}: ${time(step.dueAt)}`] : []),
    ...(step.irreversible ? [`${words.irreversible}: ${step.irreversible}`] : []),
    ...(step.reason ? [`${words.reason}: ${step.reason}`] : []),
  ];
}

function changesTable({ approved, found, readBack }: CertifiedStep, { texts }: PageContext): Html {
  const { words } = texts;
  const rows = rowsOf(approved, found, readBack);
  if (rows.length === 0) return markup`<p>${words.nothingChanged}</p>`;
  const body = rows.map(
    ({ target, field, before, after, observed }) => markup`<tr><td>${target}</td><td class="name">${field}</td>
<td>${valueText(before, texts)}</td><td>${valueText(after, texts)}</td><td>${valueText(observed, texts)}</td></tr>`,
  );
  return markup`<table><thead><tr><th scope="col">${words.object}</th><th scope="col">${words.field}</th>
<th scope="col">${words.before}</th><th scope="col">${words.approved}</th><th scope="col">${words.readBack}</th></tr></thead>
<tbody>${body}</tbody></table>`;
}

interface ChangeRow {
  readonly target: string;
  readonly field: string;
  readonly before: Json;
  readonly after: Json;
  readonly observed: Json;
}

/** What was approved, beside what was found and read back; a change that nobody approved stands there too. */
function rowsOf(
  approved: CertifiedStep['approved'],
  found: readonly CertifiedValue[] | null,
  readBack: readonly CertifiedValue[] | null,
): ChangeRow[] {
  const at = (values: readonly CertifiedValue[] | null, key: string) => (values ?? []).find((one) => one.key === key);
  const planned = approved.map(({ key, target, field, before, after }) => {
    const observed = at(readBack, key);
    const value = { before: at(found, key)?.value ?? before, after, observed: observed?.value ?? null };
    return { target: observed?.target ?? target, field, ...value };
  });
  const others = (readBack ?? []).filter(({ key }) => !approved.some((change) => change.key === key));
  const unseen = others.map(({ key, target, field, value }) => {
    return { target, field, before: at(found, key)?.value ?? null, after: null, observed: value };
  });
  return [...planned, ...unseen];
}

function proof(evidence: Json, { texts }: PageContext): Html | null {
  if (evidence === null || typeof evidence !== 'object' || Array.isArray(evidence)) return null;
  const parts = Object.entries(evidence).map(([name, value]) => `${name}: ${valueText(value, texts)}`);
  return markup`<p class="soft">${texts.words.proof}: ${parts.join(' · ')}</p>`;
}
