export default function Page() {
  return <h1>Sign up, {process.env.NEXT_PUBLIC_GREETING}</h1>;
}
