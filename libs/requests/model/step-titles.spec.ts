import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { grantSteps } from './grants.js';
import { stepTitle } from './step-titles.js';

const here = new URL('.', import.meta.url);
const drafts = new URL('../../../apps/worker/activities/plan-drafts.ts', import.meta.url);

/** Every title that the code gives a step, read from the code: a new one has to be translated, too. */
function titlesInCode(): string[] {
  const names = readdirSync(here).filter((name) => name.endsWith('.ts') && !/(\.spec|errors)\.ts$/.test(name));
  const sources = [...names.map((name) => new URL(name, here)), drafts].map((file) => readFileSync(file, 'utf8'));
  return sources.flatMap((source) => [...source.matchAll(/\btitle: '([^']+)'/g)].map(([, title]) => title!));
}

describe('the title of a step', () => {
  it('is there in German for every step that a process has', () => {
    const titles = titlesInCode();
    expect(titles).toContain('Move to the leavers’ unit');
    expect(titles.filter((title) => stepTitle(title, 'de') === title)).toEqual([]);
  });

  it('stays as it is for who reads English', () => {
    for (const title of titlesInCode()) expect(stepTitle(title, 'en')).toBe(title);
  });

  it('is German for what is taken back, on the return as well', () => {
    expect(stepTitle('Take back: Disable sign-in', 'de')).toBe('Zurücknehmen: Anmeldung sperren');
    expect(stepTitle('On the return, take back: Remove from groups', 'de')).toBe(
      'Bei der Rückkehr zurücknehmen: Aus Gruppen entfernen',
    );
  });

  it('keeps why a grant is given, who allowed it and until when', () => {
    const why = { to: 'jana.keller', text: null, purpose: 'Urlaub (Juli); offen', approver: 'h.brandt' };
    const until = '2031-03-31T22:00:00.000Z';
    for (const kind of ['forward_mail', 'data_access', 'out_of_office'] as const) {
      const [given, end] = grantSteps('o.stein', [{ kind, ...why, until } as never]);
      const german = stepTitle(given!.title, 'de');
      expect(german).toMatch(/^(E-Mail weiterleiten|Zugriff auf die Daten gewähren|Abwesenheitsnachricht setzen) \(/);
      expect(german.endsWith(` (Urlaub (Juli); offen; h.brandt; bis ${until})`)).toBe(true);
      expect(stepTitle(end!.title, 'de')).toMatch(/^Beenden: (E-Mail|Zugriff|Abwesenheit)/);
    }
  });

  it('is left alone where somebody wrote it', () => {
    for (const title of ['Hand the notebook over', 'Schlüssel einsammeln', 'Notebook (until Friday)'])
      expect(stepTitle(title, 'de')).toBe(title);
  });
});
