/** What a rule is: a name, where it is written down, and what it finds in one file. */
import type { SourceFile } from './source.ts'

export type Finding = {
  readonly line: number
  /** What is wrong, and after a semicolon what to do instead. */
  readonly message: string
}

export type Rule = {
  readonly name: string
  /** File and heading where a person can read the rule. */
  readonly written: string
  readonly find: (file: SourceFile) => readonly Finding[]
}

/** All findings of all rules, one line each, ready to be read. */
export function applyRules(rules: readonly Rule[], files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    rules.flatMap((rule) =>
      rule
        .find(file)
        .map(
          ({ line, message }) => `${file.path}:${line} ${message} (rule ${rule.name}, see ${rule.written})`,
        ),
    ),
  )
}
