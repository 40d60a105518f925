import { describe, expect, it } from '@jest/globals';
import { withoutLeaver } from './leaver-recipients.model.js';

const leaver = { user: 'eva.beck', tenant: 'muster', addresses: ['Eva.Beck@muster.example', 'eva@muster.example'] };
const mail = (id: string, to: string[], dependsOn: string[] = []) => ({
  id,
  block: 'mail.send',
  dependsOn,
  input: { to },
});

describe('the recipients of a leaver’s mails', () => {
  it('lose every address of the leaver, and a remark says so', () => {
    const steps = [mail('notify_mail', ['it@muster.example', 'EVA@muster.example', 'Eva <eva.beck@MUSTER.example>'])];
    const told = withoutLeaver(steps, leaver);
    expect(told.steps).toEqual([mail('notify_mail', ['it@muster.example'])]);
    expect(told.remarks).toMatchObject([{ stepId: 'notify_mail', code: 'request.leaver_not_notified' }]);
  });

  it('are nobody’s when only the leaver was named: what waited for the mail goes past it', () => {
    const steps = [
      mail('first', ['eva@muster.example'], ['disable']),
      mail('second', ['eva.beck'], ['first', 'move']),
      { id: 'last', block: 'http.call', dependsOn: ['second'], input: {} },
    ];
    expect(withoutLeaver(steps, leaver).steps).toEqual([{ ...steps[2], dependsOn: ['disable', 'move'] }]);
  });

  it('stay as they are when the leaver is none of them', () => {
    const steps = [mail('notify_mail', ['eva.beckmann@muster.example'])];
    expect(withoutLeaver(steps, leaver)).toEqual({ steps, remarks: [] });
  });

  it('are not asked to do anything either: a task of the leaver’s is whoever’s takes it', () => {
    const task = (assignee?: string) => ({
      id: 'manual_1',
      block: 'manual.task',
      dependsOn: [],
      input: { title: 'Collect the keys', ...(assignee ? { assignee } : {}) },
    });
    const told = withoutLeaver([task('Eva <eva@muster.example>')], leaver);
    expect(told.steps).toEqual([task()]);
    expect(told.remarks).toMatchObject([{ stepId: 'manual_1', code: 'request.leaver_not_assigned' }]);
    expect(withoutLeaver([task('facilities')], leaver).steps).toEqual([task('facilities')]);
  });
});
