import { linkSuite } from './links.suite.ts'

linkSuite('tcp')
