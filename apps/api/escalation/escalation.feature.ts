import type { Feature } from '../feature.js';
import { EscalationLinkPage } from './escalation-link.page.js';

export const escalationFeature: Feature = {
  controllers: [],
  providers: () => [],
  linkPages: ({ hint }) => [new EscalationLinkPage(hint)],
};
