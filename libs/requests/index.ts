export * from './model/index.js';
export { isLastWorkingAt } from './model/last-working-at.model.js';
export type { AbsenceWish } from './model/absence-body.js';
export type { GrantWish } from './model/grants-body.js';
export type { MoverWish } from './model/mover-body.js';
export type { OffboardingWish } from './model/offboarding-body.js';
export {
  FIRST_OFFSET_DAYS,
  LAST_OFFSET_DAYS,
  daysAway,
  isOffset,
  minutesAfter,
  type Offsets,
} from './model/offsets.js';
export { movedTime } from './model/offsets.js';
export { isLocalTime, requestedInstant } from './model/offsets-local-time.js';
export type { OnboardingWish } from './model/onboarding-body.js';
export { parseTemplate } from './model/template-check.js';
export {
  TEMPLATE_PROCESSES,
  templateSchema,
  type ProcessTemplate,
  type TemplateProcess,
} from './model/template-schema.js';
export type { ManualStepWish } from './model/template-apply.js';
export * from './service/accept-requests.js';
export {
  bodyOfLine,
  columnsOf,
  faultOfField,
  IMPORT_TYPES,
  neededColumns,
  type ImportType,
} from './model/csv-columns.js';
export { readCsv, type CsvFault } from './model/csv-lines.js';
export * from './model/csv.errors.js';
export * from './service/import-requests.js';
export * from './service/read-requests.js';
export * from './service/submit-request.js';
export * from './service/tell-decision.js';
export * from './store/act.store.js';
export * from './store/plan.store.js';
export * from './store/protected-account.store.js';
export * from './store/request-progress.store.js';
export * from './store/request.store.js';
export * from './store/second-person.store.js';
export * from './store/settings.store.js';
export * from './store/template.store.js';
export { requireAgreement } from './store/tenant-refusal.js';
