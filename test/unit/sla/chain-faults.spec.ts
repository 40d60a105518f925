import { describe, expect, it } from '@jest/globals';
import { channelBody, readChain, readChannel, readTriggers, type ChannelConfig } from '#libs/sla/model';

const isZone = (name: string): boolean => name === 'Europe/Berlin';
const tell = { kind: 'notify', receivers: [{ kind: 'person', subject: 'a@msp' }] };
const within = { timezone: 'Europe/Berlin', weekly: { mon: [['08:00', '18:00']] }, outside: 'skip' };

const faultsOf = (chain: object) => readChain(chain as Record<string, unknown>, isZone).faults.map(faultName);
const faultName = ({ path, code }: { readonly path: string; readonly code: string }) => `${path} ${code}`;

describe('a chain that was sent', () => {
  it.each<[string, object, string]>([
    ['without steps', { steps: [] }, 'steps nobody_told'],
    ['that tells nobody', { steps: [{ kind: 'wait', minutes: 5 }] }, 'steps nobody_told'],
    ['that waits for nothing', { steps: [tell, { kind: 'wait', minutes: 0 }] }, 'steps.1.minutes out_of_range'],
    ['that waits backwards', { steps: [tell, { kind: 'wait', minutes: -5 }] }, 'steps.1.minutes out_of_range'],
    ['with a step of no kind', { steps: [tell, { kind: 'dance' }] }, 'steps.1.kind not_allowed'],
    ['of a step without receivers', { steps: [{ kind: 'notify', receivers: [] }] }, 'steps.0.receivers too_few'],
    [
      'with a receiver that is none',
      { steps: [{ kind: 'notify', receivers: [{ kind: 'person' }] }] },
      'steps.0.receivers.0 not_a_receiver',
    ],
    ['that reassigns to nobody', { steps: [tell, { kind: 'reassign' }] }, 'steps.1 missing'],
    ['that raises to low', { steps: [tell, { kind: 'raise_priority', to: 'low' }] }, 'steps.1.to not_allowed'],
    ['that repeats too often', { steps: [tell, { kind: 'wait', minutes: 1 }], repeat: 11 }, 'repeat out_of_range'],
    ['that repeats without a wait', { steps: [tell], repeat: 1 }, 'repeat without_wait'],
    [
      'whose acknowledgement expires at once',
      { steps: [tell], acknowledgementMinutes: 0 },
      'acknowledgementMinutes out_of_range',
    ],
    [
      'of a zone that is none',
      { steps: [{ ...tell, within: { ...within, timezone: 'Mars' } }] },
      'steps.0.within.timezone zone_unknown',
    ],
    [
      'of a night in one interval',
      { steps: [{ ...tell, within: { ...within, weekly: { mon: [['22:00', '06:00']] } } }] },
      'steps.0.within.weekly not_hours',
    ],
    [
      'that does not say what happens outside of its hours',
      { steps: [{ ...tell, within: { ...within, outside: 'guess' } }] },
      'steps.0.within.outside not_allowed',
    ],
  ])('%s is refused', (_name, chain, fault) => {
    expect(faultsOf(chain)).toContain(fault);
  });

  it('is taken with everything that it may say', () => {
    const steps = [
      { ...tell, within },
      { kind: 'wait', minutes: 0.05 },
      {
        kind: 'notify',
        receivers: [
          { kind: 'team', id: 'x' },
          { kind: 'schedule', id: 'y' },
          { kind: 'channel', name: 'z' },
        ],
      },
      { kind: 'raise_priority', to: 'critical' },
      { kind: 'reassign', team: 'network' },
      { kind: 'conference' },
    ];
    const { chain, faults } = readChain({ steps, repeat: 2, acknowledgementMinutes: 30 }, isZone);
    expect(faults).toEqual([]);
    expect(chain).toEqual({ steps, repeat: 2, acknowledgementMinutes: 30 });
  });
});

describe('triggers that were sent', () => {
  it('are refused where they name no clock, mark, priority or chain of ours, or an alert, which starts none yet', () => {
    const sent = [
      { on: 'breach', clock: 'lunch', chain: 'a' },
      { on: 'sunrise', clock: 'update', chain: 'a' },
      { on: 'breach', clock: 'update', priorities: ['urgent'], chain: 'a' },
      { on: 'alert', severity: 'critical', chain: 'a' },
      { on: 'breach', clock: 'update' },
      { on: 'breach', clock: 'update', chain: 'good' },
    ];
    const { triggers, faults } = readTriggers(sent);
    expect(triggers).toEqual([sent[5]]);
    expect(faults.map(faultName)).toEqual([
      'triggers.0.clock not_allowed',
      'triggers.1.on not_allowed',
      'triggers.2.priorities not_allowed',
      'triggers.3.on not_enforced',
      'triggers.4.chain missing',
    ]);
  });
});

describe('a channel', () => {
  const words = {
    ...{ id: 'n1', to: '+4989123456', line: 'Ticket 7: <b>A & B</b>', url: 'https://x.example/l', conferenceUrl: null },
    facts: { ticket: 't1' },
  };
  const config: ChannelConfig = {
    ...{ url: 'https://p.example', method: 'POST', headers: {}, idAt: null, secret: null, callback: null },
    body: { to: '{to}', message: { text: '{text} {url}' }, reference: '{id}', flash: false },
  };

  it('of a provider is told by its template; what somebody typed stays a text', () => {
    expect(channelBody('sms', config, { ...words, line: 'say {to} and "quote"' })).toEqual({
      ...{ to: '+4989123456', reference: 'n1', flash: false },
      message: { text: 'say {to} and "quote" https://x.example/l' },
    });
  });

  it('of Slack escapes what would be markup', () => {
    expect(channelBody('slack', config, words)).toEqual({ text: 'Ticket 7: &lt;b&gt;A &amp; B&lt;/b&gt;' });
  });

  it('of Teams is a message with an Adaptive Card, whose texts are no markup', () => {
    expect(channelBody('teams', config, { ...words, conferenceUrl: 'https://meet.example/1' })).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            body: [
              { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: words.line }] },
              { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'https://meet.example/1' }] },
            ],
          },
        },
      ],
    });
  });

  it('of a webhook is told ids, and nothing of the ticket’s content but its line', () => {
    expect(channelBody('webhook', config, words)).toEqual({
      type: 'escalation',
      id: 'n1',
      text: words.line,
      ticket: 't1',
    });
  });

  it.each<[string, object, string]>([
    ['at no address', { url: 'ftp://x' }, 'url not_an_address'],
    ['whose address holds a password', { url: 'https://u:p@x.example' }, 'url not_an_address'],
    ['that would set a header of the connection', { headers: { Host: 'x' } }, 'headers not_headers'],
    ['whose header would hold a line break', { headers: { 'x-a': 'b\r\nc: d' } }, 'headers not_headers'],
    ['without a place for the number', { body: { text: '{text}' } }, 'body no_template'],
    ['with an id at no pointer', { idAt: 'sid' }, 'idAt not_a_pointer'],
    ['with a secret in clear', { secret: 'hunter2' }, 'secret not_a_reference'],
    [
      'whose answers are signed with another secret than such a one',
      { idAt: '/id', callback: { secret: 'secret://ldap', idAt: '/id', answerAt: '/a', accepts: ['1'] } },
      'callback.secret not_a_reference',
    ],
    [
      'that takes answers to messages which it gives no id',
      { callback: { secret: 'secret://callback-a', idAt: '/id', answerAt: '/a', accepts: ['1'] } },
      'callback without_id',
    ],
  ])('%s is refused', (_name, change, fault) => {
    const sent = { url: 'https://p.example', body: { to: '{to}', text: '{text}' }, ...change };
    expect(readChannel('sms', sent).faults.map(faultName)).toContain(fault);
  });
});
