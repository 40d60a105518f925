import { step, type StepTemplate } from './process-steps.js';

/** A password that a step draws and its receiver collects by a one-time link. */
export interface HandOver {
  /** The step of the same run that draws the password. */
  readonly ofStep: string;
  /** Whose password it is. */
  readonly userName: string;
  /** Mail addresses; the link works once, for the first who opens it. */
  readonly to: readonly string[];
  /** The mail's language. */
  readonly language?: 'de' | 'en';
  /** How long the link can be opened, counted from when it is sent. */
  readonly validHours?: number;
}

/** What the directory's blocks seal a drawn password under. */
const SEALED_NAME = 'new-password';

/** Three days: over a weekend. */
export const HAND_OVER_HOURS = 72;

/** The step that brings a drawn password to its receiver, once the step that drew it has set it. */
export function handOverStep(handOver: HandOver, more: Partial<StepTemplate> = {}): StepTemplate {
  const { ofStep, userName, to, language = 'de', validHours = HAND_OVER_HOURS } = handOver;
  const input = { ofStep, sealedName: SEALED_NAME, to: [...to], validHours, language, userName };
  const essentials = { id: 'hand_over_password', title: 'Hand the password over', block: 'password.hand-over', input };
  return step({ ...essentials, system: 'mail' }, { dependsOn: [ofStep], ...more });
}
