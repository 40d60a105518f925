import type { Plan } from '#libs/process/model';
import { createHash } from 'node:crypto';
import { type Effect, type FieldChange, newId, systemClock } from '#libs/kernel';
import { json, type Database, type NewRow } from '#libs/platform/database';
import type { RequestStatus } from '#libs/requests/model';

/** A plan's hash, for tests that do not draw one. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

interface RunOfRequest {
  readonly status: string;
  readonly process: string;
  readonly started: boolean;
  readonly written: readonly { readonly stepId: string; readonly changes: readonly FieldChange[] }[];
}

/** Builds requests as they stand after other parts of the system worked on them, with plans and runs. */
export class RequestFactory {
  private constructor(
    private readonly row: NewRow<'requests'>,
    private readonly run: RunOfRequest | null = null,
  ) {}

  static of(tenant: string, requestedBy = `requester@${tenant}`): RequestFactory {
    const body = {
      type: 'offboarding',
      user: 'eva.beck',
      lastWorkingAt: '2027-01-29T17:00',
      startsAt: '2027-01-29T16:00:00.000Z',
      steps: ['disable_sign_in'],
      reference: null,
      notify: null,
    };
    const row = {
      tenant_id: tenant,
      id: newId(),
      type: 'offboarding',
      status: 'planning',
      subject: 'eva.beck',
      body: json(body),
      requested_by: requestedBy,
      submitted_event_id: newId(),
    };
    return new RequestFactory(row);
  }

  with(change: Partial<NewRow<'requests'>>): RequestFactory {
    return new RequestFactory({ ...this.row, ...change }, this.run);
  }

  inStatus(status: RequestStatus): RequestFactory {
    return this.with({ status });
  }

  /** With a plan that waits for approval. */
  planned(revision = 1): RequestFactory {
    return this.with({
      status: 'awaiting_approval',
      plan_revision: revision,
      plan_hash: hashOf(`${this.row.id}/${revision}`),
    });
  }

  about(user: string): RequestFactory {
    return this.with({ subject: user });
  }

  withRun(status: string, { process = 'offboarding', started = true } = {}): RequestFactory {
    return new RequestFactory({ ...this.row, run_id: newId() }, { status, process, started, written: [] });
  }

  /** Its run has this step, and the step has written these changes to the entry `uid=eva`. */
  wrote(stepId: string, ...changes: FieldChange[]): RequestFactory {
    const run = this.run!;
    return new RequestFactory(this.row, { ...run, written: [...run.written, { stepId, changes }] });
  }

  async in(database: Database): Promise<{ id: string; planHash: string; runId: string }> {
    const { row, run } = this;
    await database.insertInto('requests').values(row).execute();
    if (row.plan_revision) {
      const plan = {
        tenant_id: row.tenant_id,
        request_id: row.id,
        revision: row.plan_revision,
        hash: row.plan_hash!,
        plan: json(emptyPlan(row.type, row.subject)),
      };
      await database.insertInto('plans').values(plan).execute();
    }
    if (run) await this.insertRun(database, run);
    return { id: row.id, planHash: row.plan_hash ?? '', runId: row.run_id ?? '' };
  }

  private async insertRun(database: Database, run: RunOfRequest): Promise<void> {
    const { tenant_id, id: request_id, subject } = this.row;
    await database
      .insertInto('runs')
      .values({
        tenant_id,
        id: this.row.run_id!,
        process: run.process,
        workflow_id: `${tenant_id}/${run.process}/${request_id}`,
        request_id,
        subject,
        status: run.status,
        plan: json(emptyPlan(run.process, subject)),
        started_at: run.started ? systemClock.now() : null,
      })
      .execute();
    for (const [position, { stepId, changes }] of run.written.entries()) {
      const place = { tenant_id, run_id: this.row.run_id!, step_id: stepId, position };
      const what = { title: stepId, block: 'ldap.user.disable', verb: 'apply', system: 'directory' } as const;
      const image = json(effectOf(changes));
      const ledger = { status: 'ended', outcome: 'succeeded', before_image: image, after_image: image };
      await database
        .insertInto('run_steps')
        .values({ ...place, ...what, ...ledger })
        .execute();
    }
  }
}

function effectOf(changes: readonly FieldChange[]): Effect {
  return { identity: { id: 'eva', name: 'uid=eva' }, changes, irreversible: null, notes: [], kept: [] };
}

/** Eva’s account was locked. */
export const LOCKED: FieldChange = { target: 'uid=eva', field: 'shadowExpire', before: null, after: '1' };

/** Puts a record on the dead-letter desk. */
export async function deadLetter(
  database: Database,
  tenant: string,
  change: Partial<NewRow<'dead_letters'>> = {},
): Promise<string> {
  const id = newId();
  offset += 1;
  const row: NewRow<'dead_letters'> = {
    tenant_id: tenant,
    id,
    topic: 'test.stellwerk.request.v1',
    partition: 0,
    kafka_offset: offset,
    key: Buffer.from(`${tenant}/request/${id}`),
    value: Buffer.from('{"requestId":'),
    headers: json({ ce_id: newId(), ce_sequence: '7', ce_type: 'de.stellwerk.request.offboarding.submitted.v1' }),
    code: 'event.malformed',
    reason: 'The data is not JSON in UTF-8.',
    ...change,
  };
  await database.insertInto('dead_letters').values(row).execute();
  return id;
}

let offset = 0;

function emptyPlan(process: string, name: string): Plan {
  const subject = { kind: 'user' as const, name, identity: null };
  return { process, subject, revision: 1, startsAt: '2030-01-01T00:00:00.000Z', steps: [], remarks: [] };
}
