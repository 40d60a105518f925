import type { Feature } from '../feature.js';
import { SlaController } from './sla.controller.js';

export const slaFeature: Feature = { controllers: [SlaController], providers: () => [] };
