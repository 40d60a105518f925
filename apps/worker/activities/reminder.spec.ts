import { describe, expect, it } from '@jest/globals';
import { reminderText } from './reminder.js';

const step = {
  title: 'Collect the notebook of eva',
  input: { instructions: 'Eva sits in room 12.' },
  manual: { dueAt: '2027-01-29T16:00:00.000Z', remindAt: [] },
};
const request = { id: 'r-1', isConfidential: false, timeZone: 'Europe/Berlin' };

describe('a reminder', () => {
  it('tells what is due when, by the customer’s clock', () => {
    const { subject, text } = reminderText(step, request);
    expect(subject).toContain('Collect the notebook of eva');
    expect(subject).toContain('29 Jan 2027, 17:00');
    expect(text).toContain('Eva sits in room 12.');
    expect(text).not.toContain('UTC');
  });

  it('of a confidential request names nothing but the request', () => {
    const { subject, text } = reminderText(step, { ...request, isConfidential: true });
    expect(subject + text).toContain('r-1');
    expect((subject + text).toLowerCase()).not.toMatch(/eva|notebook|room/);
  });
});
