/** Why something was not done, said at once to who listens; nothing where there is nothing to say. */
export const Problem = ({ text }: { text: string }) =>
  text === '' ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  )
