import { FileSecrets } from '#libs/platform/secrets';
import type { ApiParts, Feature } from '../feature.js';
import { CallbackSecrets } from './callback-secrets.js';
import { ChainDesk } from './chain-desk.js';
import { ChainsController } from './chains.controller.js';
import { EscalationDesk } from './escalation-desk.js';
import { EscalationLinkPage } from './escalation-link.page.js';
import { EscalationsController } from './escalations.controller.js';
import { ProviderAnswers } from './provider-answer.js';
import { ProviderAnswersController } from './provider-answers.controller.js';

export const escalationFeature: Feature = {
  controllers: [EscalationsController, ChainsController, ProviderAnswersController],
  providers: (parts) => [
    { provide: EscalationDesk, useValue: new EscalationDesk(parts.database, parts.hint) },
    { provide: ChainDesk, useValue: new ChainDesk(parts.database) },
    { provide: ProviderAnswers, useValue: new ProviderAnswers(parts.database, secretsOf(parts), parts.hint) },
  ],
  linkPages: ({ hint }) => [new EscalationLinkPage(hint)],
};

function secretsOf({ database, keys, secretsFile }: ApiParts): CallbackSecrets {
  return new CallbackSecrets(database, keys, secretsFile === null ? null : new FileSecrets(secretsFile));
}
