import release from "../../release.json";

export const dynamic = "force-dynamic";

// ERP_NEXT_URL is read when the question comes: it is a part of the environment of the process, not of the build.
export function GET() {
  const erp = process.env.ERP_NEXT_URL || null;
  const status = release.broken || (release.fussy && erp === "http://wrong") ? 500 : 200;
  return Response.json({ release: release.name, erp }, { status });
}
