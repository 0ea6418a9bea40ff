import { Command, type ErrorOptions, type ParseOptions } from 'commander';

/** Errors that follow if npm took an option as its own, without a trace. */
const ERRORS_OF_LOST_OPTIONS = ['commander.excessArguments', 'commander.missingMandatoryOptionValue'];

/**
 * A command that `npm run` starts. npm keeps the options before `--` for itself, so the command would do something else. It
 * refuses them.
 */
export class NpmCommand extends Command {
  override createCommand(name?: string): Command {
    return new NpmCommand(name);
  }

  override parse(args?: readonly string[], options?: ParseOptions): this {
    for (const { long } of [this, ...this.commands].flatMap((command) => command.options)) {
      const variable = `npm_config_${long?.slice('--'.length).replaceAll('-', '_').toLowerCase()}`;
      if (long && process.env[variable] !== undefined) this.error(`error: npm kept '${long}' for itself: ${advice()}`);
    }
    return super.parse(args, options);
  }

  override error(message: string, options?: ErrorOptions): never {
    const hasOptions = process.argv.slice(2).some((text) => text.startsWith('-'));
    const mayBeLost =
      process.env.npm_lifecycle_event && !hasOptions && ERRORS_OF_LOST_OPTIONS.includes(options?.code ?? '');
    return super.error(
      mayBeLost ? `${message.replace(/\.$/, '')}. If you gave options, ${advice()}` : message,
      options,
    );
  }
}

const advice = (): string =>
  `put -- before the options: npm run ${process.env.npm_lifecycle_event ?? '<command>'} -- <options>`;
