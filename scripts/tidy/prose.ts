/** Rules for all text that people read: links that lead somewhere, no paths of one machine. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** `user` and `me` are nobody's name, so they may stand in examples. */
const machinePath = /(?<![\w.~}])\/(?:work|(?:home|Users)\/(?!user\b|me\b)\w+)\/[\w.-]+/

/** Documents and source files, relative to the root. */
function readableFiles(root: string): string[] {
  const found = globSync(
    [
      '*.{md,ts,json,yaml}',
      '{harness,netem,client,subjects,mocks,suites,bench,scripts,docs,compose}/**/*.{md,ts,mjs,json,yaml,yml,sh}',
      '.github/**/*.{yml,yaml,md}',
      '.ci/*',
    ],
    { cwd: root, exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name) },
  )
  return found
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => !/(^|\/)(node_modules|dist)\//.test(file))
}

/** Lines with a path that exists on its author's machine only. */
export function machinePaths(file: string, text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const found = machinePath.exec(line)?.[0]
    if (found === undefined) return []
    return [`${file}:${index + 1} ${found} is a path of one machine; write it relative to the repository`]
  })
}

/** Relative links of a document that lead nowhere. Anchors inside pages are not followed. */
export function deadLinks(root: string, file: string, text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, ''))
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap((match) => {
    const target = (match[1] ?? '').replace(/#.*$/, '')
    if (target === '' || /^[a-z]+:/.test(target)) return []
    if (existsSync(path.join(root, path.dirname(file), decodeURIComponent(target)))) return []
    const line = prose.slice(0, match.index).split('\n').length
    return [`${file}:${line} the link to ${target} leads nowhere; correct or remove it`]
  })
}

/** @param root folder of the repository */
export function findInProse(root: string): string[] {
  return readableFiles(root).flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8')
    const isRule = file.startsWith('scripts/tidy')
    return [
      ...(isRule ? [] : machinePaths(file, text)),
      ...(file.endsWith('.md') ? deadLinks(root, file, text) : []),
    ]
  })
}
