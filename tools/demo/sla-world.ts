import { randomUUID } from 'node:crypto';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { newId, systemClock } from '#libs/kernel';
import { seedAgreement } from '../sandbox/seed-demo.js';
import { DemoSystem } from './demo-system.js';
import { readPid, type Development } from './development.js';
import { StellwerkClient } from './stellwerk-client.js';

/** Where bridge and worker tell of their health, from the api's port on (tools/stack/ports.mjs). */
const HEALTH_PORTS = [0, 14, 15];
const LOOK_MS = 100;

/** A mail in the sandbox, as far as it matters here. */
interface Mail {
  readonly messageId: string;
  readonly text: string;
  readonly to: readonly string[];
  readonly receivedAt: string;
}

/** Somebody who was to be told, and when it was due. */
export interface ToldView {
  readonly id: string;
  readonly recipient: string;
  readonly status: string;
  readonly dueAt: string;
  readonly attempts: readonly { readonly endedAt: string | null }[];
}

export interface EscalationSeen {
  readonly id: string;
  readonly status: string;
  readonly acknowledgedBy: string | null;
  readonly notifications: readonly ToldView[];
  readonly timeline: readonly { readonly kind: string }[];
}

/** A customer of this demo alone, people of the MSP to be told, and the servers to be killed. */
export class SlaWorld {
  readonly customer = `demo-sla-${systemClock.now().getTime().toString(36)}`;
  readonly msp: StellwerkClient;
  private readonly database: pg.Pool;
  private readonly system: DemoSystem;

  constructor(
    private readonly development: Development,
    private readonly runDir: string,
  ) {
    this.database = new pg.Pool({ connectionString: development.database, max: 2 });
    this.system = new DemoSystem(development);
    this.msp = new StellwerkClient(development.api, development.keys['msp']!['owner']!, this.customer);
  }

  /** Makes the customer, with an agreement as it needs one. */
  async begin(): Promise<void> {
    const name = 'Demo der Servicezeiten GmbH';
    await this.database.query(
      `INSERT INTO tenants (id, kind, name, time_zone) VALUES ($1, 'customer', $2, 'Europe/Berlin')`,
      [this.customer, name],
    );
    await seedAgreement(this.database, this.customer, name);
  }

  async end(): Promise<void> {
    await this.database.end();
  }

  /** Somebody at the MSP; gives the subject. */
  async person(name: string): Promise<string> {
    const subject = `${name}.${this.customer}@msp`;
    await this.database.query(
      `INSERT INTO people (tenant_id, id, subject, display_name, mail, language, source) VALUES ('msp', $1, $2, $3, $4, 'de', 'invitation')`,
      [newId(), subject, name, this.mailOf(subject)],
    );
    return subject;
  }

  mailOf(subject: string): string {
    return `${subject.split('@')[0]!}@msp.example`;
  }

  async openTicket(subject: string): Promise<{ readonly id: string; readonly number: number }> {
    const wish = { type: 'incident', subject, impact: 'high', urgency: 'high' };
    return this.msp.call('POST', '/v1/tickets', wish, { 'idempotency-key': randomUUID() });
  }

  /** The escalation of a ticket, once there is one. */
  async escalationOf(ticketId: string): Promise<EscalationSeen | null> {
    const { items } = await this.msp.call<{ items: { id: string }[] }>('GET', `/v1/escalations?ticket=${ticketId}`);
    return items[0] ? this.msp.call('GET', `/v1/escalations/${items[0].id}`) : null;
  }

  async mails(subject: string): Promise<readonly Mail[]> {
    return this.system.json(`${this.development.mail.received}?to=${encodeURIComponent(this.mailOf(subject))}`);
  }

  /** Whether somebody is being told at this moment. */
  async isTelling(ticketId: string): Promise<boolean> {
    const { rows } = await this.database.query(
      `SELECT 1 FROM notification_attempts a JOIN notifications n ON n.tenant_id = a.tenant_id AND n.id = a.notification_id
       WHERE n.tenant_id = $1 AND n.ticket_id = $2 AND a.ended_at IS NULL`,
      [this.customer, ticketId],
    );
    return rows.length > 0;
  }

  async marksOf(ticketId: string): Promise<readonly { mark: string; due_at: Date; recorded_at: Date }[]> {
    const { rows } = await this.database.query<{ mark: string; due_at: Date; recorded_at: Date }>(
      'SELECT mark, due_at, recorded_at FROM sla_marks WHERE tenant_id = $1 AND ticket_id = $2 ORDER BY due_at',
      [this.customer, ticketId],
    );
    return rows;
  }

  /** Kills a server as a crash does. The supervisor starts it again. */
  kill(name: string): number {
    const pid = readPid(this.runDir, name);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Waits until a killed server runs again and every program says that it is ready; gives that instant. */
  async ready(name: string, formerPid: number, seconds = 60): Promise<number> {
    await until(`${name} is back`, () => this.isBack(name, formerPid), seconds);
    return systemClock.now().getTime();
  }

  private async isBack(name: string, formerPid: number): Promise<boolean> {
    if (readPid(this.runDir, name) === formerPid) return false;
    const port = Number(new URL(this.development.api).port);
    const answers = HEALTH_PORTS.map((offset) => fetch(`http://127.0.0.1:${port + offset}/health/ready`));
    return (await Promise.all(answers)).every(({ status }) => status === 200);
  }
}

/** Waits until something holds; what fails meanwhile does not hold yet. Throws when it does not come in time. */
export async function until(what: string, holds: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(LOOK_MS);
  }
}
