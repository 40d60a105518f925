import type { DetailedExample, RouteExamples } from '../example.js';
import { attachment, commentedTicket, noTimeRuns, ticketLink, timeEntry } from '../ticket-things.js';
import type { Things } from '../things.js';
import { dateProposal, personSubject, plannedTicket } from '../service-things.js';

const wish = { type: 'incident', subject: 'The printer prints blank pages', impact: 'medium', urgency: 'high' };
const row = { high: 'critical', medium: 'high', low: 'medium' };
const ofTicket = async (things: Things) => ({ path: { id: await things.ticket() } });
// a requester sees only tickets of their own, and this one is somebody else’s
const notTheirs: Pick<DetailedExample, 'refused'> = { refused: { 'customer:requester': 'ticket.not_found' } };
const detailed = (make: DetailedExample['make']): readonly DetailedExample[] => [{ ...notTheirs, make }];

/** An hour of its own long ago: nobody is at two places at once. */
let hours = 0;
function pastHour() {
  hours += 1;
  const at = (hour: number) => new Date(Date.UTC(2020, 0, 1, hour)).toISOString();
  return { from: at(hours), to: at(hours + 1) };
}

export const ticketExamples: RouteExamples = {
  openTicket: async (things) => ({ body: { ...wish, tags: ['printer'], contactId: await things.contact() } }),
  listTickets: async (things) => {
    await things.ticket();
    return { query: { status: 'new', words: 'printer -toner' } };
  },
  getTicket: detailed(ofTicket),
  listTicketEntries: detailed(ofTicket),
  getTicketSla: detailed(ofTicket),
  listTicketDates: detailed(async (things) => ({ path: { id: (await dateProposal(things)).id } })),
  proposeTicketDate: detailed(async (things) => ({
    path: { id: await plannedTicket(things) },
    body: { date: '2030-01-01T12:00:00Z', reason: 'After the move.' },
  })),
  answerTicketDate: [
    {
      what: 'by the MSP',
      refused: {
        'customer:customer_admin': 'ticket.date_proposal_not_open',
        'customer:approver': 'ticket.date_proposal_not_open',
        ...notTheirs.refused,
      },
      make: async (things) => ({ path: await dateProposal(things), body: { answer: 'agreed' } }),
    },
    {
      what: 'by the customer',
      refused: {
        'msp:owner': 'ticket.date_proposal_not_open',
        'msp:operator': 'ticket.date_proposal_not_open',
        'msp:technician': 'ticket.date_proposal_not_open',
        ...notTheirs.refused,
      },
      make: async (things) => ({ path: await dateProposal(things, 'msp'), body: { answer: 'refused' } }),
    },
  ],
  commentTicket: detailed(async (things) => ({ ...(await ofTicket(things)), body: { body: 'Which printer?' } })),
  setTicketStatus: async (things) => ({
    ...(await ofTicket(things)),
    body: { status: 'waiting_for_customer', reason: 'Which printer?' },
  }),
  rateTicket: async (things) => ({
    ...(await ofTicket(things)),
    body: { impact: 'low', urgency: 'low', reason: 'There is another printer beside it.' },
  }),
  assignTicket: async (things) => ({ ...(await ofTicket(things)), body: { technician: 'technician@msp' } }),
  addTicketAttachment: detailed(async (things) => ({
    ...(await ofTicket(things)),
    query: { name: 'error.log' },
    headers: { 'content-type': 'application/octet-stream' },
    raw: 'E42: no toner',
  })),
  listTicketAttachments: detailed(ofTicket),
  downloadTicketAttachment: [
    {
      refused: { 'customer:requester': 'ticket.attachment_not_found' },
      make: async (things) => ({ path: { id: await attachment(things) } }),
    },
  ],
  listTicketTime: ofTicket,
  recordTicketTime: async (things) => ({
    ...(await ofTicket(things)),
    body: { kind: 'work', ...pastHour() },
  }),
  startTicketTime: async (things) => {
    await noTimeRuns(things);
    return { ...(await ofTicket(things)), body: { kind: 'call_out' } };
  },
  stopTicketTime: async (things) => ({ path: { id: await timeEntry(things) }, body: {} }),
  withdrawTicketTime: async (things) => ({
    path: { id: await timeEntry(things) },
    body: { reason: 'It was another ticket.' },
  }),
  listTicketLinks: detailed(ofTicket),
  linkTicket: async (things) => ({
    ...(await ofTicket(things)),
    body: { kind: 'blocks', ticketId: await things.ticket() },
  }),
  linkThing: async (things) => ({ ...(await ofTicket(things)), body: { kind: 'device', externalId: 'nas-1' } }),
  linkRun: async (things) => ({ ...(await ofTicket(things)), body: { runId: (await things.openRun()).runId } }),
  unlinkTicket: async (things) => ({ path: { id: await ticketLink(things) } }),
  listTicketWatchers: ofTicket,
  setTicketWatchers: async (things) => ({
    ...(await ofTicket(things)),
    body: { subjects: [await personSubject(things)] },
  }),
  setTicketWorkClass: async (things) => ({
    ...(await ofTicket(things)),
    body: { workClass: 'project', reason: 'It takes weeks.' },
  }),
  setTicketType: async (things) => ({
    ...(await ofTicket(things)),
    body: { type: 'service_request', reason: 'Nothing is broken.' },
  }),
  setTicketTags: async (things) => ({ ...(await ofTicket(things)), body: { tags: ['printer', 'toner'] } }),
  mergeTicket: async (things) => ({
    ...(await ofTicket(things)),
    body: { ticketId: await things.ticket(), reason: 'The same printer.' },
  }),
  splitTicket: async (things) => ({
    path: { id: await commentedTicket(things) },
    body: { subject: 'No sound', comments: [2] },
  }),
  getPriorityMatrix: () => ({}),
  putPriorityMatrix: () => ({ body: { high: row, medium: row, low: row } }),
};
