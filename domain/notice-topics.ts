/** MQTT topics of messages to people: outside Sparkplug's namespace, written by the desk alone. */
export const NOTICE_NAMESPACE = 'plumbline'
export const noticeTopic = (site: string, topic: string): string => `${NOTICE_NAMESPACE}/${site}/notices/${topic}`
/** Every message of a site. */
export const noticeFilter = (site: string): string => noticeTopic(site, '#')

/** Whether a topic or filter lies below a site's messages. */
export const isNoticeTopic = (site: string, topic: string): boolean => topic.startsWith(noticeTopic(site, ''))
