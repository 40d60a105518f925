import type { JsonObject } from '#libs/kernel';
import { ENGINE } from '#libs/platform/audit';
import type { Transaction } from '#libs/platform/database';
import { insertNotification, noteEscalation, serviceLevels, setConference, type EscalationRow } from '#libs/sla';
import type { ChainAct, Receiver } from '#libs/sla/model';
import { assign, raisePriority, type By, type Priority, type TicketRow } from '#libs/tickets';
import type { Staff } from './msp-staff.js';

export const BY_ENGINE: By = { subject: ENGINE, kind: 'engine' };

/** Whom or what a step tells, once each. */
interface Told {
  readonly kind: 'person' | 'channel';
  readonly name: string;
}

/** Does what a chain asks for, in the transaction that keeps how far it came, and puts it on the chain's timeline. */
export class ChainActs {
  constructor(
    private readonly tx: Transaction,
    private readonly staff: Staff,
    private ticket: TicketRow,
  ) {}

  /** The ticket as the last act left it. */
  get changedTicket(): TicketRow {
    return this.ticket;
  }

  /** Gives whether somebody is told; null for what tells nobody. */
  async do(escalation: EscalationRow, act: ChainAct): Promise<boolean | null> {
    switch (act.kind) {
      case 'notify':
        return this.notify(escalation, act, this.toldBy(act.receivers));
      case 'hand_over':
        await this.note(escalation, act, { from: act.from, to: act.to });
        return this.notify(escalation, act, [{ kind: 'person', name: act.to }]);
      case 'raise_priority':
        return this.raise(escalation, act);
      case 'reassign':
        return this.reassign(escalation, act);
      case 'conference':
        return this.openConference(escalation, act);
      case 'skipped':
      case 'repeated':
      case 'exhausted':
      case 'acknowledgement_expired':
        await this.note(escalation, act, {});
        return null;
    }
  }

  private toldBy(receivers: readonly Receiver[]): Told[] {
    const told = receivers.flatMap((one): Told[] => {
      switch (one.kind) {
        case 'person':
          return [{ kind: 'person', name: one.subject }];
        case 'channel':
          return [{ kind: 'channel', name: one.name }];
        case 'team':
          return (this.staff.teams.get(one.id) ?? []).map((name) => ({ kind: 'person', name }));
        case 'schedule': {
          const shift = this.staff.onCall.get(one.id);
          return shift ? [{ kind: 'person', name: shift.person }] : [];
        }
      }
    });
    return [...new Map(told.map((one) => [`${one.kind} ${one.name}`, one])).values()];
  }

  private async notify(escalation: EscalationRow, act: ChainAct, told: readonly Told[]): Promise<boolean> {
    const { ticket_id: ticketId, id: escalationId, tenant_id: tenant } = escalation;
    const kind = act.kind === 'hand_over' ? 'hand_over' : 'step';
    for (const { kind: recipientKind, name: recipient } of told) {
      const place = { ticketId, escalationId, kind, round: act.round, step: act.step } as const;
      await insertNotification(this.tx, tenant, { ...place, recipientKind, recipient, dueAt: new Date(act.dueAt) });
    }
    if (told.length === 0) await this.note(escalation, { ...act, kind: 'nobody_to_tell' }, {});
    return told.length > 0;
  }

  private async raise(escalation: EscalationRow, act: ChainAct & { readonly kind: 'raise_priority' }): Promise<null> {
    const { priority: from } = this.ticket;
    const to = act.to as Priority | null;
    this.ticket = await raisePriority(
      this.tx,
      this.ticket,
      { to, reason: whyOf(escalation) },
      BY_ENGINE,
      serviceLevels,
    );
    await this.note(escalation, act, { from, to: this.ticket.priority });
    return null;
  }

  private async reassign(escalation: EscalationRow, act: ChainAct & { readonly kind: 'reassign' }): Promise<null> {
    const place = { team: act.team ?? this.ticket.team, technician: act.technician };
    this.ticket = await assign(this.tx, this.ticket, place, BY_ENGINE);
    await this.note(escalation, act, place);
    return null;
  }

  private async openConference(escalation: EscalationRow, act: ChainAct): Promise<null> {
    const url = escalation.conference_url ?? conferenceOf(this.ticket, this.staff);
    if (url !== null && escalation.conference_url === null) await setConference(this.tx, escalation, url);
    await this.note(escalation, act, { url });
    return null;
  }

  private async note(
    escalation: EscalationRow,
    { kind, round, step }: { readonly kind: string; readonly round: number; readonly step: number },
    data: JsonObject,
  ): Promise<void> {
    await noteEscalation(this.tx, escalation, { kind, who: ENGINE, data: { round, step, ...data } });
  }
}

/** Made from the MSP's template: who knows it knows the address, so it names the ticket by its id. */
function conferenceOf({ id, tenant_id }: TicketRow, { conferenceTemplate }: Staff): string | null {
  return conferenceTemplate?.replaceAll('{ticket}', id).replaceAll('{customer}', tenant_id) ?? null;
}

function whyOf({ chain_name }: EscalationRow): string {
  return `Escalation by the chain “${chain_name}”.`;
}
