import { linkSuite } from './links.suite.ts'

linkSuite('rtu_over_tcp')
