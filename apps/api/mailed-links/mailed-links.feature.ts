import type { Feature } from '../feature.js';
import { MailedLinksController } from './mailed-links.controller.js';

/** The way into the pages behind links in mails; each folder brings the pages of its own purposes. */
export const mailedLinksFeature: Feature = {
  controllers: [MailedLinksController],
  providers: () => [],
};
