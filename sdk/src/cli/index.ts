export { CommandFailure, type Command, type Flag, type Invocation } from './command.ts';
export { createMuscleCommand } from './create-muscle.command.ts';
export { muscleProgram } from './muscle-program.ts';
export { terminal, type Printer } from './printer.ts';
export { runCommand, runProgram, type Program } from './run-program.ts';
