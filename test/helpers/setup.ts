// Runs before each test file, also where files share modules (vitest.config.ts).
import { afterAll } from 'vitest'
import { removeTemporaryFolders } from './temporary.ts'

afterAll(removeTemporaryFolders)
