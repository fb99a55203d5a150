// The files that name pods and containers, with other names: what ties a name to an ID stays, so that cgroups are still named.
import { fromBytes, linesOf } from '../../base/text.ts'
import type { Names } from './names.ts'

// web-0_shop_nginx-9d1c….log -> /var/log/pods/shop_web-0_3f0c9a51-…/nginx/0.log
const LOG = /^(\/var\/log\/containers\/)([^_/]+)_([^_/]+)_([^/]+)-([0-9a-f]{64})\.log$/
const POD = /^(\/var\/log\/pods\/)([^_/]+)_([^_/]+)_([0-9a-f-]{32,36})(\/.*)?$/s
const DOCKER = /^(\/var\/lib\/docker\/containers\/)([0-9a-f]{64})\/name$/
const STORAGE = '/var/lib/containers/storage/overlay-containers/containers.json'

/** A file of the `names` collector; undefined for what is none of its kinds. */
export function nameFile(path: string, text: string | null, names: Names): [string, string | null] | undefined {
  const { word, id } = names
  const [, logs, pod, namespace, container, containerId] = LOG.exec(fromBytes(path)) ?? []
  if (logs !== undefined) {
    const name = `${logs}${word(pod!)}_${word(namespace!)}_${word(container!)}-${id(containerId!)}.log`
    return [name, text && (podPath(text, names) ?? '')]
  }
  const place = podPath(path, names)
  if (place !== undefined) return [place, text && '']
  const [, docker, dockerId] = DOCKER.exec(path) ?? []
  if (docker !== undefined) return [`${docker}${id(dockerId!)}/name`, text && idLines(text, names)]
  return path === STORAGE ? [path, text && idLines(text, names)] : undefined
}

function podPath(path: string, { word, id }: Names): string | undefined {
  const [, pods, namespace, pod, uid, rest] = POD.exec(fromBytes(path)) ?? []
  if (pods === undefined) return undefined
  return `${pods}${word(namespace!)}_${word(pod!)}_${id(uid!)}${rest === undefined || rest === '/' ? (rest ?? '') : '/c/0.log'}`
}

// 9d1c… web
const idLines = (text: string, { word, id }: Names): string =>
  linesOf(fromBytes(text))
    .map(line => {
      const [key = '', ...name] = line.split(' ')
      return `${id(key.replace(/[^0-9a-f]/g, ''))} ${word(name.join(' '))}\n`
    })
    .join('')
