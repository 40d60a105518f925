import type { PlanView, RunView } from './stellwerk-client.js';

/** Prints what the demo does, with the seconds since its start. */
export class Report {
  private readonly startedAt = performance.now();
  readonly checks: { readonly name: string; readonly ok: boolean; readonly seen?: unknown }[] = [];

  say(text: string): void {
    console.log(`${this.seconds().toFixed(1).padStart(6)} s  ${text}`);
  }

  seconds(): number {
    return (performance.now() - this.startedAt) / 1000;
  }

  /** Notes a check; the demo is only well when all of them hold. */
  check(name: string, ok: boolean, seen?: unknown): void {
    this.checks.push({ name, ok, ...(ok ? {} : { seen }) });
    this.say(`${ok ? '✔' : '✘'} ${name}${ok ? '' : `: ${JSON.stringify(seen)}`}`);
  }

  plan(plan: PlanView): void {
    for (const step of plan.steps) {
      console.log(`          ${step.title}${step.irreversible ? `  (irreversible: ${step.irreversibleReason})` : ''}`);
      for (const change of step.changes)
        console.log(`            ${change.target}  ${change.field}: ${show(change.before)} → ${show(change.after)}`);
      if (step.changes.length === 0) console.log('            nothing to change');
    }
    for (const remark of plan.remarks) console.log(`          ! ${remark.text}`);
  }

  timeline(run: RunView): void {
    for (const entry of run.timeline) {
      const data = (entry.data ?? {}) as { outcome?: string };
      const step = entry.stepId ?? entry.step ?? '';
      const took = entry.seconds == null ? '' : `${entry.seconds.toFixed(2)} s`;
      console.log(
        `          ${entry.at.slice(11, 23)}  ${entry.kind.padEnd(22)} ${step.padEnd(20)} ${(data.outcome ?? '').padEnd(25)} ${took.padStart(7)}  ${entry.who}`,
      );
    }
  }
}

function show(value: unknown): string {
  if (value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
