import { AppError } from '#libs/kernel';

export class EscalationNotFound extends AppError {
  readonly code = 'escalation.not_found';
  readonly title = 'There is no such escalation';
  readonly kind = 'not_found';
}

/** Somebody acknowledged it before, or it has ended. */
export class EscalationNotRunning extends AppError {
  readonly code = 'escalation.not_running';
  readonly title = 'The escalation waits for nobody';
  readonly kind = 'conflict';
}

export class ChainNotFound extends AppError {
  readonly code = 'escalation.chain_not_found';
  readonly title = 'There is no such chain';
  readonly kind = 'not_found';
}

export class ChainInvalid extends AppError {
  readonly code = 'escalation.chain_invalid';
  readonly title = 'The chain cannot work';
  readonly kind = 'invalid';
}

export class TriggersInvalid extends AppError {
  readonly code = 'escalation.triggers_invalid';
  readonly title = 'The triggers cannot work';
  readonly kind = 'invalid';
}

export class ChannelNotFound extends AppError {
  readonly code = 'escalation.channel_not_found';
  readonly title = 'There is no such channel';
  readonly kind = 'not_found';
}

export class ChannelInvalid extends AppError {
  readonly code = 'escalation.channel_invalid';
  readonly title = 'The channel cannot work';
  readonly kind = 'invalid';
}

/** Whoever calls is told nothing of what there is. */
export class CallbackRefused extends AppError {
  readonly code = 'escalation.callback_refused';
  readonly title = 'The answer is not taken';
  readonly kind = 'forbidden';
}

export class EscalationSettingsInvalid extends AppError {
  readonly code = 'escalation.settings_invalid';
  readonly title = 'The settings cannot work';
  readonly kind = 'invalid';
}

export class ChainUnknown extends AppError {
  readonly code = 'escalation.chain_unknown';
  readonly title = 'Neither the customer nor the MSP has such a chain';
  readonly kind = 'invalid';
}
