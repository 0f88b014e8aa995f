// iPhones lay the keyboard over the page instead of making it smaller; what is at the bottom has to be lifted.

export function followKeyboard(root: HTMLElement): void {
  const visible = window.visualViewport;
  if (!visible) return;
  const lift = () => {
    const covered = Math.max(0, window.innerHeight - visible.height - visible.offsetTop);
    root.style.setProperty('--keyboard', `${Math.round(covered)}px`);
  };
  visible.addEventListener('resize', lift);
  visible.addEventListener('scroll', lift);
}
