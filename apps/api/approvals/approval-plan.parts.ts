import type { FieldChange, Json } from '#libs/kernel';
import { processName } from '#libs/notify';
import type { Plan, PlanStep } from '#libs/process/model';
import { stepTitle } from '#libs/requests';
import { Html, markup, type PageLanguage } from '../http/html.js';
import type { PageContent } from '../pages/page.js';
import { APPROVAL_TEXTS, type ApprovalTexts } from './approval-page.texts.js';

/** A plan as somebody without an account is shown it. */
export interface ShownPlan {
  readonly plan: Plan;
  readonly customer: string;
  readonly requestedBy: string;
  /** IANA zone of the customer. */
  readonly timeZone: string;
  readonly expiresAt: Date | null;
  readonly isDifference: boolean;
  readonly confirmations: readonly { readonly text: string }[];
  readonly linkExpiresAt: Date;
}

const LONGEST_VALUE = 200;

/** The page with the plan and its two buttons. The form goes to the page's own address, so that the token stands nowhere. */
export function planPage(shown: ShownPlan, language: PageLanguage): PageContent {
  const texts = APPROVAL_TEXTS[language];
  const { plan, timeZone, confirmations, isDifference, linkExpiresAt } = shown;
  const heading = texts.heading(processName(language, plan.process), plan.subject.name);
  const body = markup`<p>${texts.intro}</p>
${isDifference ? markup`<p class="warn">${texts.drift}</p>` : null}
${facts(shown, texts)}
${confirmations.length > 0 ? markup`<p class="warn">${texts.secondPerson} ${confirmations.map(({ text }) => text).join(' ')}</p>` : null}
<h2>${texts.steps}</h2>
<ol class="steps">
${plan.steps.map((step) => stepItem(step, language, timeZone))}</ol>
${remarks(plan, texts)}
<form method="post">
<label for="reason">${texts.reason}</label>
<textarea id="reason" name="reason" maxlength="2000" aria-describedby="hint"></textarea>
<p class="soft" id="hint">${texts.reasonHint}</p>
<div class="buttons">
<button type="submit" name="decision" value="approve">${texts.approve}</button>
<button type="submit" name="decision" value="reject" class="other">${texts.reject}</button>
</div>
</form>
<p class="soft">${texts.once(instant(linkExpiresAt, timeZone, texts))}</p>`;
  return { heading, body, isWide: true };
}

function facts({ plan, customer, requestedBy, timeZone, expiresAt }: ShownPlan, texts: ApprovalTexts): Html {
  const rows: readonly (readonly [string, string | null])[] = [
    [texts.facts.subject, plan.subject.name],
    [texts.facts.customer, customer],
    [texts.facts.requestedBy, requestedBy],
    [texts.facts.startsAt, instant(new Date(plan.startsAt), timeZone, texts)],
    [texts.facts.expiresAt, expiresAt && instant(expiresAt, timeZone, texts)],
  ];
  const shown = rows.filter(([, value]) => value !== null);
  return markup`<dl>${shown.map(([label, value]) => markup`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

function stepItem(step: PlanStep, language: PageLanguage, timeZone: string): Html {
  const { verb, effect, notBefore } = step;
  const texts = APPROVAL_TEXTS[language];
  const title = stepTitle(step.title, language);
  const at = notBefore === null ? null : instant(new Date(notBefore), timeZone, texts);
  const changes = effect.changes.map((change) => markup`<li>${changeText(change, texts)}</li>`);
  return markup`<li><strong>${verb === 'undo' ? `${texts.undo}: ${title}` : title}</strong>${at === null ? null : markup` <span class="soft">${at}</span>`}
${effect.irreversible === null ? null : markup`<div class="warn">${texts.irreversible}</div>`}
${changes.length > 0 ? markup`<ul>${changes}</ul>` : markup`<div class="soft">${texts.noChange}</div>`}</li>
`;
}

function remarks({ remarks: found }: Plan, texts: ApprovalTexts): Html | null {
  if (found.length === 0) return null;
  return markup`<h2>${texts.remarks}</h2>
<ul>${found.map(({ text }) => markup`<li>${text}</li>`)}</ul>`;
}

/** What changes in one field. What cannot be compared (a password, a mail) has no values to show. */
function changeText({ target, field, before, after, opaque }: FieldChange, texts: ApprovalTexts): string {
  if (opaque) return `${field}: ${texts.hidden} (${target})`;
  const change = listChange(before, after) ?? `${valueText(before, texts)} → ${valueText(after, texts)}`;
  return `${field}: ${change} (${target})`;
}

/** Of two lists only what goes and what comes: whole lists of members would bury it. Null where they are no lists. */
function listChange(before: Json, after: Json): string | null {
  if (!Array.isArray(before) || !Array.isArray(after)) return null;
  const [old, next] = [before.map(String), after.map(String)];
  const gone = old.filter((one) => !next.includes(one)).map((one) => `− ${one}`);
  const come = next.filter((one) => !old.includes(one)).map((one) => `+ ${one}`);
  return [...gone, ...come].join(', ') || null;
}

function valueText(value: Json, texts: ApprovalTexts): string {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return texts.nothing;
  const text =
    typeof value === 'string' ? value : Array.isArray(value) ? value.map(String).join(', ') : JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : `${text.slice(0, LONGEST_VALUE)}…`;
}

function instant(at: Date, timeZone: string, { locale }: ApprovalTexts): string {
  const format = { timeZone, dateStyle: 'long', timeStyle: 'short' } as const;
  return `${new Intl.DateTimeFormat(locale, format).format(at)} (${timeZone})`;
}
