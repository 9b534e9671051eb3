import type { Diagnostic } from '../bind/diagnostic.ts';
import { readAllowances } from './allowances.ts';
import type { Finding, Hit } from './finding.ts';
import type { MuscleFacts } from './muscle-facts.ts';
import { RULES, ruleOfCode, type RuleId, type RuleText } from './rule-table.ts';
import { capabilitiesDeclared } from './rules/capabilities-declared.rule.ts';
import { clientsKeepTools } from './rules/clients-keep-tools.rule.ts';
import { codeLoads } from './rules/code-loads.rule.ts';
import { descriptionsUseful } from './rules/descriptions-useful.rule.ts';
import { effectsStated } from './rules/effects-stated.rule.ts';
import { examplesFit } from './rules/examples-fit.rule.ts';
import { dependenciesDeclared, importsStayInside } from './rules/imports.rule.ts';
import { noPolicyInCode } from './rules/no-policy-in-code.rule.ts';
import { noProcessControl } from './rules/no-process-control.rule.ts';
import { noStdout } from './rules/no-stdout.rule.ts';
import { timeoutsSane } from './rules/timeouts-sane.rule.ts';
import { unusedExports } from './rules/unused-exports.rule.ts';

type Judge = (facts: MuscleFacts) => Iterable<Hit>;

/** What judges by itself. The rules that are not here speak through the binder's codes alone. */
const JUDGES: readonly (readonly [RuleId, Judge])[] = [
  ['code-loads', codeLoads],
  ['exports-fit', unusedExports],
  ['imports-stay-inside', importsStayInside],
  ['dependencies-declared', dependenciesDeclared],
  ['no-stdout', noStdout],
  ['no-policy-in-code', noPolicyInCode],
  ['no-process-control', noProcessControl],
  ['capabilities-declared', capabilitiesDeclared],
  ['descriptions-useful', descriptionsUseful],
  ['effects-stated', effectsStated],
  ['timeouts-sane', timeoutsSane],
  ['examples-fit', examplesFit],
  ['clients-keep-tools', clientsKeepTools],
];

/** Judges a muscle by every rule. Pure: the same facts give the same findings. In order of file, line and column. */
export function runRules(facts: MuscleFacts): Finding[] {
  const judged = JUDGES.flatMap(([rule, judge]) => [...judge(facts)].map((hit) => findingOf(rule, hit)));
  const bound = facts.probe?.ended === 'reported' ? facts.probe.report.diagnostics : [];
  const diagnosed = [...facts.specDiagnostics, ...bound].map((diagnostic) => fromBinder(diagnostic, facts));
  return [...diagnosed, ...judged].filter((finding) => !isAllowed(finding, facts)).sort(inOrder);
}

function findingOf(rule: RuleId, hit: Hit): Finding {
  const { severity, why, fix }: RuleText = RULES[rule];
  return {
    rule,
    severity: hit.severity ?? severity,
    code: `check.${rule.replaceAll('-', '_')}`,
    message: hit.message,
    file: hit.file,
    line: hit.line,
    column: hit.column,
    why,
    fix: hit.fix ?? fix,
  };
}

/** The probe knows the files by their names only. */
function fromBinder(diagnostic: Diagnostic, { specFile, implFile, sources }: MuscleFacts): Finding {
  const rule = ruleOfCode(diagnostic.code);
  const { why, fix } = RULES[rule];
  if (diagnostic.file !== 'impl.ts') return { ...diagnostic, file: specFile, rule, why, fix };
  // Of impl.ts the binder knows no lines, but its message names the export.
  const name = /"(\w+)"/.exec(diagnostic.message)?.[1];
  const at = sources[0]?.exports.find(({ text }) => text === name)?.at;
  return { ...diagnostic, ...at, file: implFile, rule, why, fix };
}

function isAllowed({ rule, file, line }: Finding, { sources, specFile, specText }: MuscleFacts): boolean {
  const text: RuleText = RULES[rule];
  if (!text.allowable) return false;
  const allowed = file === specFile ? readAllowances(specText) : sources.find((entry) => entry.file === file)?.allowed;
  return allowed?.get(line)?.includes(rule) ?? false;
}

function inOrder(a: Finding, b: Finding): number {
  return a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;
}
